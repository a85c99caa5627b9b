"""What a preset comes to, in numbers and names: pairs, steps, regions, files; and what cannot be built."""

from __future__ import annotations

import math
import re

import attrs

from ..colour.names import resolve
from ..errors import Problem, StageError
from ..graph.catalogue import catalogue
from ..graph.graph import NukeVersion
from ..headers import PictureSize
from ..paths import posix
from ..preset.model import Format, Pair, Preset

__all__ = ["NumberedPair", "Plan", "ProjectPaths", "Variant", "plan_for"]

NON_COMMERCIAL_SIZE = (1920, 1080)
"""Largest picture that Nuke Non-commercial writes."""


@attrs.frozen
class ProjectPaths:
    """File texts of the two Reads (relative to the project folder or absolute, '/' only) and their frame sizes.

    A size may be left out where the preset's ``format`` says it; the preset's format wins over the size given here.
    """

    source: str
    reference: str
    source_size: PictureSize | None = None
    reference_size: PictureSize | None = None


@attrs.frozen
class NumberedPair:
    """A pair and its number, which is its frame in the AppendClips: training 1..N, hold-outs N+1..N+M."""

    number: int
    pair: Pair
    hold_out: bool


@attrs.frozen
class Variant:
    """One augmented copy of all training pairs. cls and knobs: the node that makes it."""

    name: str
    cls: str
    knobs: tuple[tuple[str, bool | float | tuple[float, float]], ...]


@attrs.frozen
class Plan:
    """Everything the stage builders need to know, worked out once."""

    preset: Preset
    paths: ProjectPaths
    version: NukeVersion
    size: PictureSize
    reference_size: PictureSize
    pairs: tuple[NumberedPair, ...]
    variants: tuple[Variant, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def training(self) -> tuple[NumberedPair, ...]:
        return tuple(p for p in self.pairs if not p.hold_out)

    @property
    def hold_outs(self) -> tuple[NumberedPair, ...]:
        return tuple(p for p in self.pairs if p.hold_out)

    @property
    def frames_seen(self) -> int:
        """Image pairs that the training node sees: training pairs times augmented copies."""
        return len(self.training) * (1 + len(self.variants))

    @property
    def epochs(self) -> int:
        """``ceil(steps * batch / pairs)``: CopyCat has no settable steps (total steps = epochs * pairs / batch)."""
        t = self.preset.training
        return -(-t.steps * t.batch // self.frames_seen)

    @property
    def total_steps(self) -> int:
        """Steps that those epochs come to; the preset's, or a few more where they do not divide."""
        return self.epochs * self.frames_seen // self.preset.training.batch

    @property
    def run(self) -> str:
        """Name of the training run."""
        return f"{self.preset.shot}_v{self.preset.inference.write.version:03d}"

    @property
    def data_directory(self) -> str:
        return f"{self.preset.output.folder}/03_copycat_training/{self.preset.shot}"

    @property
    def model_suffix(self) -> str:
        return "catnc" if self.preset.nuke.edition == "non-commercial" else "cat"

    @property
    def model_file(self) -> str:
        """The model that Inference loads: the preset's, or the last checkpoint that training will write."""
        given = self.preset.inference.model
        return posix(given) if given else f"{self.data_directory}/{self.run}.{self.total_steps}.{self.model_suffix}"

    @property
    def model_id(self) -> str:
        """Model and checkpoint as they stand in the names of rendered files."""
        given = self.preset.inference.model
        if not given:
            return f"{self.preset.training.node}{self.total_steps}"
        name = re.sub(r"\.(cat|catnc|safetensors)\Z", "", posix(given).rsplit("/", 1)[-1])
        return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:80].strip(".-") or "model"

    @property
    def render_range(self) -> tuple[int, int]:
        s, i = self.preset.source, self.preset.inference
        return (s.first if i.first is None else i.first, s.last if i.last is None else i.last)

    @property
    def trial_range(self) -> tuple[int, int]:
        first, last = self.render_range
        return first, min(first + self.preset.inference.trial - 1, last)

    @property
    def delivery(self) -> PictureSize:
        """Size of the delivered frame."""
        wanted = self.preset.inference.format
        return self.size if wanted is None else _size(wanted)

    @property
    def full_frame(self) -> tuple[float, float, float, float]:
        return (0, 0, self.size.width, self.size.height)

    @property
    def live_area(self) -> tuple[float, ...]:
        return self.preset.inference.crop or self.full_frame

    @property
    def region(self) -> tuple[float, float, float, float]:
        """Analysis region of F_Align: the preset's, or the middle of the frame, less what the shared crop removes."""
        given = self.preset.alignment.f_align.region
        if given is not None:
            x, y, r, t = given
            return x, y, r, t
        m = self.preset.alignment.f_align.margin
        w, h = self.size.width, self.size.height
        bx, by, br, bt = self.preset.crop.box or self.full_frame
        x, y, r, t = max(w * m, bx), max(h * m, by), min(w - w * m, br), min(h - h * m, bt)
        if x >= r or y >= t:
            x, y, r, t = bx, by, br, bt
        return round(x, 1), round(y, 1), round(r, 1), round(t, 1)

    def crop_box(self, pair: NumberedPair) -> tuple[float, ...]:
        """The shared crop of one pair."""
        keyed = {k.pair: k.box for k in self.preset.crop.keys}
        return keyed.get(pair.pair.source) or self.preset.crop.box or self.full_frame

    def output(self, stage: str, what: str, *, folder: str = "") -> str:
        """Path pattern of rendered frames, carrying shot, version and what made them."""
        first, last = self.render_range
        digits = "#" * max(4, len(str(abs(first))), len(str(abs(last))))
        below = f"{folder}/" if folder else ""
        return f"{self.preset.output.folder}/{stage}/{self.preset.shot}/{below}{self.run}_{what}_{digits}.exr"

    def knob(self, cls: str, knob: str) -> str | None:
        """What the preset's version of Nuke calls a knob, None if it is not known to have it."""
        return catalogue().spell(cls, knob, self.version)


def plan_for(preset: Preset, paths: ProjectPaths) -> Plan:
    """Work everything out. Raises StageError with all that is wrong."""
    wrong: list[Problem] = []
    size = _of(preset.source.format, paths.source_size)
    reference_size = _of(preset.reference.format, paths.reference_size) or size
    if size is None:
        hint = "give source.format: {width: ..., height: ...}, or build where the files can be read"
        wrong.append(Problem("CR401", "source.format", "the size of the Source frames is not known", hint))
        size = PictureSize(1, 1)
    training = [p for p in preset.training_pairs]
    held = [p for p in preset.hold_out_pairs]
    pairs = tuple(NumberedPair(n, p, n > len(training)) for n, p in enumerate([*training, *held], start=1))
    plan = Plan(preset, paths, NukeVersion.parse(preset.nuke.version), size, reference_size or size, pairs, _variants(preset))
    wrong += _refusals(plan)
    if wrong:
        raise StageError(wrong)
    return attrs.evolve(plan, warnings=tuple(_warnings(plan)))


def _of(given: Format | None, read: PictureSize | None) -> PictureSize | None:
    return _size(given) if given is not None else read


def _size(given: Format) -> PictureSize:
    return PictureSize(given.width, given.height, given.pixel_aspect)


def _variants(preset: Preset) -> tuple[Variant, ...]:
    a = preset.training.augmentation
    found: list[Variant] = []
    if a.flip and preset.training.node == "CopyCat":  # BigCat flips by itself
        found.append(Variant("flop", "Mirror2", (("flop", True),)))
    if a.translate:
        for name, by in (("up_right", a.translate), ("down_left", -a.translate)):
            found.append(Variant(name, "Transform", (("translate", (by, by)),)))
    if a.scale:
        for name, to in (("larger", 1 + a.scale), ("smaller", 1 - a.scale)):
            found.append(Variant(name, "Transform", (("scale", to),)))
    if a.exposure:
        for name, by in (("brighter", 1 + a.exposure), ("darker", 1 - a.exposure)):
            found.append(Variant(name, "Multiply", (("value", by),)))
    return tuple(found)


SCENE_LINEAR = ("ACES2065-1", "ACEScg")


def _refusals(plan: Plan) -> list[Problem]:
    preset, t = plan.preset, plan.preset.training
    wrong: list[Problem] = []

    def refuse(code: str, place: str, message: str, hint: str = "") -> None:
        wrong.append(Problem(code, place, message, hint))

    if not plan.training:
        refuse("CR402", "pairs", "no pair is left for training", "give pairs that are not held out; the guide starts with 4-9")
        return wrong
    if t.batch > plan.frames_seen:
        message = f"batch {t.batch} is larger than the {plan.frames_seen} image pairs that train; {t.node} refuses that"
        refuse("CR403", "training.batch", message, f"use {plan.frames_seen} or less, or add pairs")
    if t.node == "BigCat":
        if not catalogue_has("BigCat", plan.version):
            refuse("CR404", "training.node", f"BigCat came with Nuke 16.1; this preset is for {preset.nuke.version}", "use CopyCat")
        if not plan.hold_outs:
            refuse("CR405", "hold_out", "BigCat needs validation inputs and no pair is held out", "hold out 15-25 % of the pairs")
    scene_linear = {resolve(n, config=preset.colour.config).name for n in SCENE_LINEAR}
    read = resolve(preset.colour.read, config=preset.colour.config).name
    if preset.colour.domain == "display" and read in scene_linear:
        message = f"{preset.colour.read} is scene-linear: clamping it to 0-1 crushes highlights and harms the chroma mapping"
        refuse("CR406", "colour.read", message, "use colour.domain: aces-odt for ACES masters, or export Rec.709 2.4 and read that")
    if preset.colour.domain == "aces-odt" and read not in scene_linear:
        message = f"colour.domain aces-odt starts from ACES masters, but both Reads are set to {preset.colour.read}"
        refuse("CR407", "colour.read", message, "set colour.read: ACES2065-1, or use colour.domain: display")
    known = {p.pair.source for p in plan.pairs}
    for place, keys in (("alignment.keys", preset.alignment.keys), ("crop.keys", preset.crop.keys)):
        for number, key in enumerate(keys):
            if key.pair not in known:
                refuse("CR408", f"{place}[{number}].pair", f"there is no pair with Source frame {key.pair}")
    boxes = [("crop.box", preset.crop.box), ("inference.crop", preset.inference.crop)]
    boxes += [("alignment.f_align.region", preset.alignment.f_align.region)]
    boxes += [(f"crop.keys[{n}].box", k.box) for n, k in enumerate(preset.crop.keys)]
    for place, box in boxes:
        if box is not None and (box[0] >= box[2] or box[1] >= box[3]):
            refuse("CR409", place, f"x {box[0]:g}, y {box[1]:g}, r {box[2]:g}, t {box[3]:g} holds no picture", "r must exceed x, t must exceed y")
    return wrong


def catalogue_has(cls: str, version: NukeVersion) -> bool:
    spec = catalogue().node(cls)
    return spec is not None and spec.exists_in(version)


def _warnings(plan: Plan) -> list[Problem]:
    preset, t = plan.preset, plan.preset.training
    found: list[Problem] = []

    def warn(code: str, place: str, message: str, hint: str = "") -> None:
        found.append(Problem(code, place, message, hint, severity="warning"))

    boxes = {plan.crop_box(p) for p in plan.pairs} if preset.crop.enabled else {plan.full_frame}
    across = min(min(b[2] - b[0], b[3] - b[1]) for b in boxes)
    if t.patch > across:
        hint = f"use patch {max((p for p in (32, 64, 128, 256) if p <= across), default=32)} and raise steps"
        warn("CR421", "training.patch", f"patch {t.patch} is larger than the picture area ({across:g} pixels)", hint)
    if len({(b[2] - b[0], b[3] - b[1]) for b in boxes}) > 1:
        warn("CR422", "crop.keys", "the animated crop changes size, so pairs have different formats", "move the box, keep its size")
    if not preset.crop.enabled:
        warn("CR423", "crop.enabled", "the shared crop is off: training sees borders and overlays", "enable it as the last step of alignment")
    if preset.crop.enabled and preset.crop.box is not None and preset.inference.crop is None:
        message = "training sees the cropped picture, Inference the full frame with its borders"
        warn("CR424", "inference.crop", message, "give the live area, without sprockets and sound track")
    if not plan.hold_outs:
        warn("CR425", "hold_out", "no pair is held out, so nothing judges the model", "hold out 15-25 % of the pairs")
    if (plan.size.width, plan.size.height) != (plan.reference_size.width, plan.reference_size.height):
        message = f"Source is {plan.size.width}x{plan.size.height}, Reference {plan.reference_size.width}x{plan.reference_size.height}"
        warn("CR426", "reference", message + "; a Reformat brings the Reference to the Source's size", "the guide exports both at one size")
    for knob, asked in (("learningRate", t.learning_rate is not None), ("seed", t.seed != 0)):
        if asked and plan.knob(t.node, knob) is None:
            place = "training.learning_rate" if knob == "learningRate" else "training.seed"
            message = f"{t.node}.{knob} is not known to exist in Nuke {preset.nuke.version}; only the built-in engine will use it"
            warn("CR427", place, message)
    if preset.inference.tile != "None" and plan.knob("Inference", "tileSize") is None:
        message = f"Inference.tileSize is not known to exist in Nuke {preset.nuke.version}; only the built-in engine will tile"
        warn("CR428", "inference.tile", message)
    wide, high = NON_COMMERCIAL_SIZE
    if preset.nuke.edition == "non-commercial" and (plan.delivery.width > wide or plan.delivery.height > high):
        message = f"Nuke Non-commercial writes at most {wide}x{high}; {plan.delivery.width}x{plan.delivery.height} was asked"
        warn("CR429", "inference.format", message, "give a smaller format for previews; render masters with another edition")
    if preset.inference.trial >= plan.render_range[1] - plan.render_range[0] + 1 > 100:
        warn("CR430", "inference.trial", "the trial is as long as the full render", "the guide tries 50-100 frames")
    if t.steps > 10 and not math.isclose(plan.total_steps, t.steps, rel_tol=0.1):
        message = f"whole epochs make {plan.total_steps} steps instead of {t.steps}"
        warn("CR431", "training.steps", message)
    return found
