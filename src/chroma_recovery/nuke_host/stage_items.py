"""The menu's items that build a recovery's stages in the open script, one by one or all at once."""

from __future__ import annotations

from typing import Any

from ..build import Scripts
from ..errors import NukeError
from ..paths import posix
from .artist_reads import roles_of
from .open_preset import OpenPreset

__all__ = ["StageItems"]

STAGES = {
    "dataset_curation": ("curation",),
    "alignment": ("alignment",),
    "training": ("training",),
    "inference": ("inference",),
    "validation": ("validation",),
}


class StageItems(OpenPreset):
    """0 Project Setup to 5 Validation, and Whole Recovery."""

    def project_setup(self) -> None:
        """0: the preset's project settings, and the folder that the training writes to."""
        scripts = self.scripts()
        project = self.folder()
        undo = self.nuke.Undo()
        undo.begin("Chroma Recovery: Project Setup")
        try:
            self.session.apply_settings(scripts.recovery.graph.root, project)
        finally:
            undo.end()
        data = project / scripts.recovery.plan.data_directory
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NukeError.at("CR906", posix(data), f"cannot be made: {error.strerror}") from error
        self.say(
            f"Project settings of {scripts.loaded.preset.shot} are set.\nEverything is written below {project}"
        )

    def dataset_curation(self) -> None:
        """1"""
        self.build("dataset_curation")

    def alignment(self) -> None:
        """2"""
        self.build("alignment")

    def training(self) -> None:
        """3; CopyCat refuses to start without its data directory, so it is made."""
        scripts = self.build("training")
        (self.folder() / scripts.recovery.plan.data_directory).mkdir(parents=True, exist_ok=True)

    def inference(self) -> None:
        """4"""
        self.build("inference")

    def validation(self) -> None:
        """5"""
        self.build("validation")

    def whole_recovery(self) -> None:
        """All stages of the preset."""
        self.build("whole_recovery")

    def build(self, name: str) -> Scripts:
        """Build or update stages, and tell what changed."""
        scripts = self.scripts()
        stages = STAGES.get(name, tuple(scripts.recovery.stages))
        reads = self.chosen_reads(scripts)
        outcome = self.session.insert(
            scripts, stages, reads=reads, settings=self.want_settings(scripts), project=self.folder()
        )
        self.report_outcome(outcome, scripts)
        return scripts

    def want_settings(self, scripts: Scripts) -> bool:
        """Project settings go into an empty script at once, into one with work in it only if the artist agrees."""
        handle = "root" if self.session.here.limited else self.nuke.root()
        now = self.session.hands.get(handle, "OCIO_config") or ""
        management = self.session.hands.get(handle, "colorManagement") or ""
        folder = (self.session.hands.get(handle, "project_directory") or "").strip('"{}')
        root = scripts.recovery.graph.root
        if (
            management == root["colorManagement"]
            and now == root["OCIO_config"]
            and folder == posix(self.folder().resolve())
        ):
            return False
        if not self.session.hands.nodes():
            return True
        if not self.nuke.GUI:
            return False
        return bool(
            self.nuke.ask(
                "This script has other project settings than the preset: OCIO config, frame range, format, project "
                "directory.\nSet the preset's now? (Your own nodes keep their knobs, but colours and relative paths "
                "follow the project settings.)"
            )
        )

    def chosen_reads(self, scripts: Scripts) -> dict[str, Any]:
        """The artist's selected Reads by role, found by file or node name; empty if none is meant."""
        chosen = set(self.session.hands.selected())
        nodes = [
            n for n in self.session.hands.nodes() if n.handle in chosen and n.cls == "Read" and not n.mark
        ]
        files = {n.handle: (n.name, self.session.hands.get(n.handle, "file") or "") for n in nodes}
        preset = scripts.loaded.preset
        return roles_of(files, preset.source.path, preset.reference.path)
