"""What Nuke will write into frames that ``chroma-recovery render`` lets it render."""

from __future__ import annotations

import hashlib

from project_making import Project

from chroma_recovery.nk import read
from chroma_recovery.nk.metadata import read_metadata
from chroma_recovery.nuke_host.jobs import render_job


def said(text: str) -> dict[str, str]:
    word = read(text).knobs("Header_recovered")["metadata"].word  # type: ignore[union-attr]
    return {key[4:]: value for _, key, value in read_metadata(word)}


def test_the_render_script_names_the_model_that_is_there(project: Project) -> None:
    """Its hash, though the preset names no model; and the preset's hash is the one of the engine's frames."""
    model = project.model.with_name("Training_1.40.cat")
    model.write_bytes(b"what Nuke trained")
    job = render_job(project.preset, project.out, frames=[471], overwrite=True)
    header = said(job.script.read_text(encoding="utf-8"))
    assert header["ModelCheckpoint"] == "Training_1.40.cat"
    assert header["ModelHash"] == hashlib.sha256(b"what Nuke trained").hexdigest()
    built = said((project.pipeline / "04_inference_render/sh010_render.nk").read_text(encoding="utf-8"))
    differing = {k for k in built if built[k] != header[k]}
    assert differing == {"ModelCheckpoint", "ModelHash"} and set(built) == set(header)
    assert built["ModelHash"] == "not known when the script was built"
