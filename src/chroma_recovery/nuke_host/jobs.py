"""``train`` and ``render``: the same two jobs, in the Nuke that we are in, by a Nuke started from outside, or as a
command line to give to a farm."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs

from ..build import Scripts, assemble, write_scripts
from ..errors import NukeError, Problem
from ..frames import Pattern, format_frames
from ..nk import write as write_nk
from ..paths import contained, posix, relative_to_project, write_text
from .checkpoints import latest
from .drive import execute_command, missing_frames, run_nuke

__all__ = ["Done", "Job", "render_job", "run_inside", "run_outside", "train_job"]

Tell = Callable[[int, int, str], None]


@attrs.frozen
class Job:
    """One node to execute in one script.

    frames: for ``-F``; a training takes frame 1 once. target: frame pattern or data directory that has to hold the
    result. gpu: ask terminal Nuke to use the GPU, which it does not by itself. nothing_to_do: why, or empty.
    """

    what: str
    node: str
    script: Path
    frames: tuple[int, ...]
    target: Path
    scripts: Scripts
    project: Path
    gpu: bool = False
    nothing_to_do: str = ""

    def command(self, nuke: Path, *, interactive: bool = False) -> list[str]:
        """The command line. Raises NukeError (CR924) where Non-commercial would refuse it."""
        edition = self.scripts.loaded.preset.nuke.edition
        if edition == "non-commercial":
            text = "Nuke Non-commercial runs only .nknc scripts from the command line, which only Nuke itself can save"
            hint = "open the script in Nuke Non-commercial and execute the node there, or nuke -t terminal.py"
            raise NukeError.at("CR924", "nuke.edition", text, hint)
        switch = edition if edition == "indie" else ""
        return execute_command(
            nuke, self.node, self.script, self.frames, gpu=self.gpu, edition=switch, interactive=interactive
        )

    def shown(self, nuke: Path) -> str:
        """The command line as one would type it."""
        return shlex.join(self.command(nuke))


@attrs.frozen
class Done:
    """What a job made. files: the model, or the frames."""

    job: Job
    files: tuple[Path, ...]
    warnings: tuple[str, ...] = ()


def train_job(preset: Path, project: Path, *, overwrite: bool = False, resume: bool = False) -> Job:
    """Write the scripts and make the data directory, without which CopyCat refuses to start. trainingMode is set
    explicitly: a script saved after a resume would resume again."""
    scripts = assemble(preset, project=project, edit={"training.resume": True} if resume else None)
    plan, names = scripts.recovery.plan, scripts.recovery.names
    data = contained(project, plan.data_directory)
    if not resume and latest(data) is not None and not overwrite:
        hint = "go on with --resume, or train beside it with --overwrite (Nuke starts a new run; nothing is deleted)"
        raise NukeError.at("CR925", posix(data), "holds a trained model already", hint)
    write_scripts(scripts, project, overwrite=overwrite or resume)
    data.mkdir(parents=True, exist_ok=True)
    script = contained(project, _script(scripts, "training"))
    return Job("train", names.training, script, (1,), data, scripts, project, gpu=plan.preset.training.gpu)


def render_job(
    preset: Path,
    project: Path,
    *,
    frames: Sequence[int] | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> Job:
    """Write the inference script with the newest model that there is, and say which frames it has to render.

    Raises NukeError: CR926 no model, CR927 frames that exist (without resume or overwrite), CR928 frames outside.
    """
    scripts = assemble(preset, project=project)
    if not scripts.loaded.preset.inference.model:
        data = contained(project, scripts.recovery.plan.data_directory)
        found = latest(data)
        if found is None:
            raise NukeError.at(
                "CR926", posix(data), "holds no model yet", "train first, or give inference.model"
            )
        scripts = assemble(
            preset,
            project=project,
            edit={"inference.model": relative_to_project(found.path, project.resolve())},
        )
    plan, names = scripts.recovery.plan, scripts.recovery.names
    first, last = plan.render_range
    wanted = tuple(range(first, last + 1)) if frames is None else tuple(frames)
    outside = [f for f in wanted if not first <= f <= last]
    if outside:
        text = f"{format_frames(outside)} lie outside the range {first}-{last} of the preset"
        raise NukeError.at("CR928", "--frames", text)
    pattern = contained(project, str(scripts.recovery.graph[names.write].knobs["file"]))
    missing = missing_frames(pattern, wanted)
    if resume:
        wanted = tuple(missing)
    elif len(missing) < len(wanted) and not overwrite:
        there = [f for f in wanted if f not in set(missing)]
        hint = "--resume renders only what is missing, --overwrite renders all again"
        raise NukeError.at("CR927", posix(pattern), f"frames {format_frames(there)} exist already", hint)
    relative = _script(scripts, "inference").removesuffix(".nk") + f"_{plan.model_id}.nk"
    script = contained(project, relative)
    write_text(script, write_nk(scripts.recovery.stages["inference"]), overwrite=overwrite or resume)
    reason = "" if wanted else "every frame is there already"
    return Job(
        "render", names.write, script, wanted, pattern, scripts, project, plan.preset.training.gpu, reason
    )


def _script(scripts: Scripts, stage: str) -> str:
    """Path of a stage's script below the project folder."""
    graph = scripts.recovery.stages[stage]
    return next(path for path, g in scripts.recovery.files.items() if g is graph)


def run_outside(
    job: Job,
    nuke: Path,
    *,
    interactive: bool = False,
    progress: Tell | None = None,
    note: Callable[[str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Done:
    """Let a Nuke of its own process do it. Raises as :func:`run_nuke`, and NukeError (CR929) if the result lacks."""
    before = latest(job.target) if job.what == "train" else None
    command = job.command(nuke, interactive=interactive)
    finished = run_nuke(command, folder=job.project, progress=progress, note=note, cancel=cancel)
    return _checked(job, finished.warnings, before.path if before else None)


def run_inside(nuke: Any, job: Job, *, progress: Tell | None = None) -> Done:
    """Open the script in this Nuke and execute the node. Raises NukeError (CR930) with what Nuke says."""
    before = latest(job.target) if job.what == "train" else None
    nuke.scriptClear()
    nuke.scriptOpen(posix(job.script.resolve()))
    node = nuke.toNode(job.node)
    if node is None:
        raise NukeError.at("CR930", posix(job.script), f"holds no {job.node}")
    ranges = nuke.FrameRanges()
    for frame in job.frames:
        ranges.add(nuke.FrameRange(frame, frame, 1))
    if job.what == "train":
        resume = job.scripts.loaded.preset.training.resume
        node["trainingMode"].setValue("Resume" if resume else "Train")
        ranges = nuke.FrameRanges([1])
    try:
        nuke.execute(node, ranges)
    except RuntimeError as error:
        if str(error) == "Cancelled":
            from ..errors import Cancelled

            raise Cancelled.at("CR599", job.node, "stopped; what was finished is kept") from error
        raise NukeError.at("CR930", job.node, f"Nuke says: {error}") from error
    if progress is not None:
        progress(1, 1, job.what)
    return _checked(job, (), before.path if before else None)


def _checked(job: Job, warnings: tuple[str, ...], before: Path | None) -> Done:
    """Whether what was asked for lies on the disk now."""
    if job.what == "train":
        found = latest(job.target)
        if found is None or found.path == before:
            text = "Nuke ended without an error, but wrote no new .cat"
            raise NukeError.at("CR929", posix(job.target), text, "look at its log above")
        return Done(job, (found.path,), warnings)
    missing = missing_frames(job.target, job.frames)
    if missing:
        text = f"Nuke ended without an error, but frames {format_frames(missing)} are not there"
        raise NukeError([Problem("CR929", posix(job.target), text, "--resume renders what is missing")])
    names = Pattern.parse(posix(job.target))
    return Done(job, tuple(Path(names.at(f)) for f in job.frames), warnings)
