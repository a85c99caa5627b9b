"""What a preset comes to, in numbers and names: pairs, steps, regions, files."""

from __future__ import annotations

import re

import attrs

from ..errors import Problem
from ..graph.catalogue import catalogue
from ..graph.graph import NukeVersion
from ..headers import PictureSize
from ..paths import posix
from ..preset.model import Format, Pair, Preset

__all__ = ["NumberedPair", "Plan", "ProjectPaths", "Variant", "make_plan"]


@attrs.frozen
class ProjectPaths:
    """File texts of the two Reads (relative to the project folder or absolute, '/' only) and their frame
    sizes.

    source_then, reference_then: file texts of the sequences behind the first, as many as the clip's ``then``.
    A size may be left out where the preset's ``format`` says it; the preset's format wins over the size
    given here. model_sha256: of the model file that the preset names, empty if there is none yet.
    """

    source: str
    reference: str
    source_size: PictureSize | None = None
    reference_size: PictureSize | None = None
    model_sha256: str = ""
    source_then: tuple[str, ...] = ()
    reference_then: tuple[str, ...] = ()


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
        """``ceil(steps * batch / pairs)``: CopyCat has no settable steps (total steps = epochs * pairs /
        batch)."""
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
        """The model that Inference loads: the preset's, or the last checkpoint that training will write.

        Nuke opens ``.cat`` alone. For a checkpoint of the engine that is the one CatFileCreator makes of its export,
        in the same folder; the engine takes the checkpoint beside it.
        """
        given = posix(self.preset.inference.model) if self.preset.inference.model else ""
        if self.exported:
            return f"{given.removesuffix('.safetensors')}.{self.model_suffix}"
        return given or f"{self.data_directory}/{self.run}.{self.total_steps}.{self.model_suffix}"

    @property
    def exported(self) -> bool:
        """Whether the preset names a checkpoint of the engine, which Nuke needs exported."""
        return posix(self.preset.inference.model or "").endswith(".safetensors")

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
        """Size of the delivered frame: the preset's, else the live area's, so that nothing is resampled."""
        wanted = self.preset.inference.format
        if wanted is not None:
            return _size(wanted)
        x, y, r, t = self.live_area
        return PictureSize(max(1, round(r) - round(x)), max(1, round(t) - round(y)), self.size.pixel_aspect)

    @property
    def full_frame(self) -> tuple[float, float, float, float]:
        return (0, 0, self.size.width, self.size.height)

    @property
    def live_area(self) -> tuple[float, ...]:
        return self.preset.inference.crop or self.full_frame

    @property
    def region(self) -> tuple[float, float, float, float]:
        """Analysis region of F_Align: the preset's, or the middle of the frame, less what the shared crop
        removes."""
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

    @property
    def training_box(self) -> tuple[float, ...]:
        """The picture area that trains: the first pair's crop, or the full frame while the crop is off."""
        return self.crop_box(self.pairs[0]) if self.preset.crop.enabled else self.full_frame

    def output(self, stage: str, what: str, *, folder: str = "") -> str:
        """Path pattern of rendered frames, carrying shot, version and what made them."""
        first, last = self.render_range
        digits = "#" * max(4, len(str(abs(first))), len(str(abs(last))))
        below = f"{folder}/" if folder else ""
        return f"{self.preset.output.folder}/{stage}/{self.preset.shot}/{below}{self.run}_{what}_{digits}.exr"

    def knob(self, cls: str, knob: str) -> str | None:
        """What the preset's version of Nuke calls a knob, None if it is not known to have it."""
        return catalogue().spell(cls, knob, self.version)


def make_plan(preset: Preset, paths: ProjectPaths) -> Plan:
    """Work everything out, without judging it. A Source of unknown size counts as 1 x 1."""
    size = _of(preset.source.format, paths.source_size) or PictureSize(1, 1)
    reference_size = _of(preset.reference.format, paths.reference_size) or size
    training = preset.training_pairs
    both = enumerate([*training, *preset.hold_out_pairs], start=1)
    pairs = tuple(NumberedPair(n, p, n > len(training)) for n, p in both)
    version = NukeVersion.parse(preset.nuke.version)
    return Plan(preset, paths, version, size, reference_size, pairs, _variants(preset))


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
