"""What belongs to a delivery and where it lies in a project folder; what is missing is named, all at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import attrs

from ..build import Scripts
from ..errors import Problem
from ..frames import Pattern, format_frames
from ..nuke_host.checkpoints import latest
from ..paths import posix
from ..stages.header import preset_text
from .contents import FOLDERS, SHOT, Frames, Parts
from .copying import Item, problems_of
from .exr_header import read_attributes
from .names import leads_out, wrong_name
from .timeline import delivered_timeline

__all__ = ["FOLDERS", "Frames", "Parts", "collect"]

TOGETHER = ("PresetHash", "ModelHash", "GraphHash", "PresetName")
"""Header entries that are the same in every frame of one product."""


def collect(scripts: Scripts, project: Path, needed: Collection[str] = SHOT) -> Parts:
    """Look for everything that a delivery of this preset holds. Nothing is written and no pixel is read.

    needed: parts whose lack is named, see :mod:`.contents`.
    """
    return _Search(scripts, project, needed).all()


class _Search:
    def __init__(self, scripts: Scripts, project: Path, needed: Collection[str]) -> None:
        self.scripts, self.project, self.needed = scripts, project, needed
        self.preset, self.plan = scripts.loaded.preset, scripts.recovery.plan
        self.names = scripts.recovery.names
        self.pipeline = project / self.preset.output.folder
        self.parts = Parts([], {}, [], [], [], None)

    def all(self) -> Parts:
        self._sequence("masters", self.names.write, needed=True)
        self._sequence("final", self.names.write_final, needed=True)
        self._sequence("baseline", self.names.write_matchgrade, needed=False)
        self._presets()
        self._graphs()
        model = self._model()
        self._pairs()
        self._report()
        self._sheets()
        self._agreement(model)
        self.parts.wrong.extend(self._unfit())
        return attrs.evolve(self.parts, model=model)

    # -- sequences

    def _sequence(self, part: str, node: str | None, *, needed: bool) -> None:
        if node is None:
            return
        first, last = self.plan.render_range
        wanted = range(first, last + 1)
        pattern = self._rendered(
            self.project / str(self.scripts.recovery.graph.knobs(node)["file"]), wanted, part
        )
        there = [f for f in wanted if Path(pattern.at(f)).is_file()]
        lacking = sorted(set(wanted) - set(there))
        if lacking and (needed or there):
            what = f"{part}: frames {format_frames(lacking)} of {Path(pattern.text).name} are not there"
            self._miss(
                posix(Path(pattern.text).parent), what, "render them: chroma-recovery run --resume, or render"
            )
        if not there:
            return
        headers = {}
        for frame in there:
            path = Path(pattern.at(frame))
            self.parts.items.append(Item(f"{part}/{path.name}", path, part))
            headers[frame] = self._header(path)
        self.parts.frames[part] = Frames(Path(pattern.text).name, tuple(there), headers[there[0]])
        self._alike(part, headers)

    def _rendered(self, planned: Path, wanted: Sequence[int], part: str) -> Pattern:
        """The planned name, or where no such frame is there the one other model that rendered this run."""
        pattern = Pattern.parse(posix(planned))
        if any(Path(pattern.at(f)).is_file() for f in wanted):
            return pattern
        ending = re.compile(re.escape(self.plan.run) + r"_(.+)_(-?[0-9]{4,})\.exr\Z")
        found = Counter(m[1] for p in planned.parent.glob("*.exr") if (m := ending.match(p.name)))
        suffix = {"masters": "", "final": "_final", "baseline": ""}[part]
        others = [n for n in found if n.endswith(suffix) and (suffix or not n.endswith("_final"))]
        if part == "baseline" or len(others) != 1:
            if len(others) > 1:
                listed = ", ".join(sorted(others))
                self._miss(
                    posix(planned.parent),
                    f"{part}: several models rendered this shot ({listed})",
                    "name the one to deliver in inference.model",
                )
            return pattern
        token = pattern.token or "####"
        return Pattern.parse(posix(planned.parent / f"{self.plan.run}_{others[0]}_{token}.exr"))

    def _header(self, path: Path) -> dict[str, str]:
        from ..errors import PathError

        try:
            return read_attributes(path)
        except PathError as error:
            self.parts.wrong.extend(error.problems)
            return {}

    def _alike(self, part: str, headers: dict[int, dict[str, str]]) -> None:
        """Frames of one product say the same of their making, and the number in their name."""
        first = next(iter(headers.values()))
        for key in TOGETHER:
            odd = [f for f, said in headers.items() if said.get(key) != first.get(key)]
            if odd:
                what = f"{part}: frames {format_frames(odd)} have another {key} than the first frame"
                self.parts.wrong.append(
                    Problem("CR651", part, what, "render them again with the same model and preset")
                )
        odd = [f for f, said in headers.items() if said.get("SourceFrame", str(f)) not in (str(f), "[frame]")]
        if odd:
            what = f"{part}: frames {format_frames(odd)} say that they are of another Source frame than their name"
            self.parts.wrong.append(Problem("CR651", part, what, "were they renamed? render them again"))

    # -- single files

    def _presets(self) -> None:
        files = self.scripts.loaded.files
        for number, path in enumerate(files):
            name = path.name if number == 0 else f"extends/{number}_{path.name}"
            self.parts.items.append(Item(f"preset/{name}", path, "preset"))
        named = self.preset.validation.profile
        if named.endswith((".yaml", ".yml")):
            path = self.scripts.loaded.folder_of("validation.profile") / named
            if path.is_file():
                self.parts.items.append(Item(f"preset/qc/{path.name}", path, "preset"))
        self.parts.items.append(Item("preset/resolved.json", preset_text(self.preset).encode(), "preset"))

    def _graphs(self) -> None:
        for relative in self.scripts.texts:
            path = self.project / relative
            if path.suffix != ".nk":
                continue
            below = Path(relative).relative_to(self.preset.output.folder).as_posix()
            if path.is_file():
                self.parts.items.append(Item(f"graphs/{below}", path, "graphs"))
                if path.read_bytes() != self.scripts.texts[relative].encode():
                    what = "is not what this preset and version build now; it is delivered as it is"
                    self._doubt(path, what)
            else:
                self._miss(posix(path), "graph: this script is not there", "chroma-recovery build")
        known = {item.target for item in self.parts.items}
        for path in sorted((self.pipeline / "04_inference_render").glob(f"{self.preset.shot}_render_*.nk")):
            if (target := f"graphs/04_inference_render/{path.name}") not in known:
                self.parts.items.append(Item(target, path, "graphs"))

    def _model(self) -> Path | None:
        named = Path(self.plan.model_file)
        path = named if named.is_absolute() else self.project / named
        stem = path.with_suffix("")
        data = self.project / self.plan.data_directory
        found = [
            p for s in (".safetensors", ".json", ".cat", ".catnc") if (p := Path(f"{stem}{s}")).is_file()
        ]
        if not any(p.suffix != ".json" for p in found):
            newest = latest(data)
            found = [newest.path] if newest is not None and not self.preset.inference.model else []
        weights = [p for p in found if p.suffix != ".json"]
        if not weights:
            self._miss(
                posix(path), "model: no .safetensors and no .cat is there", "train, or name inference.model"
            )
        elif weights[0].suffix == ".safetensors" and not weights[0].with_suffix(".json").is_file():
            self._miss(
                posix(weights[0].with_suffix(".json")),
                "model: its description is not there",
                "keep both files",
            )
        logs = sorted(data.glob(f"{self.plan.run}*.csv")) if data.is_dir() else []
        for path in dict.fromkeys([*found, *logs]):
            self.parts.items.append(Item(f"model/{path.name}", path, "model"))
        return weights[0] if weights else None

    def _report(self) -> None:
        folder = self.pipeline / "05_validation" / self.preset.shot
        found = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix.lower() != ".exr"]
        found = [p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)]
        for name in ("report.html", "report.json"):
            if not (folder / name).is_file():
                self._miss(
                    posix(folder / name),
                    f"report: {name} is not there",
                    "chroma-recovery run --stages validation",
                )
        for path in found:
            item = Item(f"report/{path.relative_to(folder).as_posix()}", path, "report")
            self.parts.items.append(self._timeline(item, path) if path.suffix == ".otio" else item)

    def _timeline(self, item: Item, path: Path) -> Item:
        """The review timeline with the delivered frames as its media."""
        try:
            return attrs.evolve(item, source=delivered_timeline(path, self.parts.items))
        except (ValueError, OSError):
            self._doubt(path, "is no timeline that can be read; it is delivered as it is")
            return item

    def _sheets(self) -> None:
        found = sorted(p for p in self.pipeline.glob(f"*/QC/**/{self.preset.shot}_*") if p.is_file())
        for path in found:
            stage, _, *below = path.relative_to(self.pipeline).parts
            self.parts.items.append(Item("/".join(["qc", stage, *below]), path, "qc"))
        if not found:
            self._miss(posix(self.pipeline), "qc: there is no contact sheet", "chroma-recovery run")

    def _pairs(self) -> None:
        """The table of the pairs, and where ``pairs`` chose and judged them its own table too."""
        folder, shot = self.pipeline / "01_dataset_curation", self.preset.shot
        found = [*sorted(folder.glob(f"{shot}_*.csv")), *sorted((folder / "pairs").glob(f"{shot}_*"))]
        found = [p for p in found if p.is_file() and p.suffix in (".csv", ".yaml")]
        if not found:
            self._miss(posix(folder), "pairs: there is no pair table", "chroma-recovery build")
        self.parts.items.extend(Item(f"pairs/{p.name}", p, "pairs") for p in found)

    # -- judging

    def _agreement(self, model: Path | None) -> None:
        """What the masters say of their preset and model against what would be delivered with them."""
        from ..stages.header import preset_digest
        from .hashes import hash_file

        for part, frames in self.parts.frames.items():
            said = frames.header
            if "PresetHash" not in said:
                self._doubt(Path(frames.name), "says nothing of its making; rendered by an older script?")
                continue
            if said["PresetHash"] != preset_digest(self.preset):
                what = f"{part}: rendered with other settings than this preset has now"
                hint = "deliver with the preset (and --steps) and the version that rendered, or render again"
                self.parts.wrong.append(Problem("CR651", frames.name, what, hint))
            claimed = said.get("ModelHash", "")
            if model is not None and len(claimed) == 64 and claimed != hash_file(model, ["sha256"])["sha256"]:
                what = f"{part}: rendered with another model than {model.name}"
                self.parts.wrong.append(
                    Problem(
                        "CR651", frames.name, what, f"the header names {said.get('ModelCheckpoint', '?')}"
                    )
                )

    def _unfit(self) -> Iterator[Problem]:
        roots = [self.project.resolve(), *(p.resolve().parent for p in self.scripts.loaded.files)]
        if self.preset.validation.profile:
            folder = self.scripts.loaded.folder_of("validation.profile")
            roots.append((folder / self.preset.validation.profile).parent.resolve())
        if self.preset.inference.model:
            roots.append((self.project / self.plan.model_file).parent.resolve())
        for item in self.parts.items:
            if trouble := wrong_name(item.target):
                yield trouble
            if isinstance(item.source, Path) and (trouble := leads_out(item.source, tuple(roots))):
                yield trouble
        yield from problems_of(self.parts.items)

    def _miss(self, place: str, what: str, hint: str) -> None:
        """``what`` begins with the part, of which a group or its members may have none."""
        if what.partition(":")[0] in self.needed:
            self.parts.missing.append(Problem("CR650", place, what, hint))

    def _doubt(self, path: Path, what: str) -> None:
        self.parts.doubts.append(Problem("CR651", posix(path), what, severity="warning"))
