"""One run of a training: its files, its steps, its hold-outs, and how it ends.

Files in the data directory, for a run called ``<run>``::

    <run>.csv                            loss log: step, loss, validation
    <run>.<step>.safetensors, .json      a model, ready for Inference; the last one bears the number of the node's own
                                         steps, which the graph's Inference looks for; the JSON says how many were made
    <run>.<step>.optimiser.safetensors   what resuming needs
    <run>.best.safetensors, .json        the best model on the hold-outs so far (with hold-outs only)
    <run>.<step>.png                     contact sheet

The last model holds the best weights on the hold-outs if those are clearly better than the last ones. Without
hold-outs a rehearsal decides what they would have decided, see :func:`validation.rehearse`. Where it lets nothing of
the network through, the training ends with it; with hold-outs, where two validations in a row do, after a third of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from ...errors import Cancelled, EngineError, PathError, Problem
from ...paths import posix
from .checkpoint import load_checkpoint, save_checkpoint
from .contact_sheet import write_contact_sheet
from .dataset import Dataset
from .device import Device
from .learner import LEVEL, Learner
from .loss_log import LossLog
from .network import ChromaNetwork
from .placement import source_area
from .results import Progress, TrainingResult
from .settings import TrainingSettings
from .together import ALONE, Share
from .validation import CLEARLY, LEAST_STEPS, TRAININGS, Verdict, judge, obey, rehearse

__all__ = ["SHEETS", "VALIDATIONS", "TrainingRun"]

SHEETS = VALIDATIONS = 20
"""At most about so many contact sheets, and validations, per run."""


class TrainingRun:
    """settings, pairs and hold-outs of a training, and what may stop it."""

    def __init__(
        self,
        settings: TrainingSettings,
        device: Device,
        data: Dataset,
        held: Dataset | None,
        facts: dict[str, Any],
        overwrite: bool,
        progress: Callable[[Progress], None] | None,
        cancel: Callable[[], bool] | None,
        share: Share = ALONE,
    ) -> None:
        self.settings, self.device, self.data, self.held = settings, device, data, held
        self.facts, self.overwrite, self.progress, self.cancel = facts, overwrite, progress, cancel
        self.share = share
        self.log = LossLog(settings.folder / f"{settings.run}.csv")
        self.steps = settings.steps
        self.best: tuple[int, Verdict] | None = None
        self.verdict: Verdict | None = None
        self.rehearsal: Verdict | None = None
        self.in_vain = 0
        self.sheets: list[Path] = []
        self.loss = 0.0
        self.recent: list[float] = []  # losses since the last line of the log

    def path(self, what: object, suffix: str = ".safetensors") -> Path:
        return self.settings.folder / f"{self.settings.run}.{what}{suffix}"

    def go(self, minutes: float | None) -> TrainingResult:
        self.learner = self._begin()
        self.share.start_equal(self.learner.network, self.learner.average)
        self.started = time.monotonic()
        try:
            self._loop(minutes)
        except (KeyboardInterrupt, Cancelled) as stop:
            self._save(self.learner.average)
            place = posix(self.path(self.learner.step))
            raise Cancelled(
                Problem(
                    "CR590",
                    place,
                    f"training stopped by the user at step {self.learner.step}",
                    "resume it, or use this checkpoint",
                )
            ) from stop
        finally:
            self.log.close()
        return self._end()

    def _begin(self) -> Learner:
        s = self.settings
        if s.resume:
            return self._resume()
        if self.log.path.exists() and not self.overwrite:
            raise PathError.at(
                "CR602",
                posix(self.log.path),
                f"a run {s.run} exists already; nothing was written",
                "choose another run name, resume it, or pass --overwrite",
            )
        initial = None if s.initial is None else load_checkpoint(s.initial).network
        learner = Learner(self.data, s, self.device, initial=initial, share=self.share)
        self.log.start()
        return learner

    def _resume(self) -> Learner:
        s = self.settings
        numbers = (p.name.split(".")[-3] for p in s.folder.glob(f"{s.run}.*.optimiser.safetensors"))
        # the JSON is written last: without it the checkpoint was cut short
        found = sorted((self._made(n), n) for n in numbers if n.isdigit() and self.path(n, ".json").is_file())
        if not found:
            raise EngineError(
                Problem(
                    "CR560", posix(s.folder), f"holds no checkpoint of run {s.run} to resume", "train first"
                )
            )
        step, name = found[-1]
        held = load_checkpoint(self.path(name))
        if held.facts.get("dataset") != self.data.digest:
            raise EngineError(
                Problem(
                    "CR560",
                    posix(self.path(name)),
                    "was trained on other pixels than these pairs",
                    "use it as initial weights of a new run",
                )
            )
        learner = Learner(self.data, s, self.device, start=held.network, share=self.share)
        learner.restore(self.path(name, ".optimiser.safetensors"), step)
        learner.carried = held.facts.get("carried") is True
        best = held.facts.get("best")
        if isinstance(best, dict) and self.path("best").exists():
            self.best = int(best["step"]), Verdict.from_json(best)
        rehearsed = held.facts.get("rehearsal")
        self.rehearsal = Verdict.from_json(rehearsed) if isinstance(rehearsed, dict) else None
        self.log.resume(step)
        self.loss = float(held.facts.get("loss", 0.0))
        recent = held.facts.get("recent")
        self.recent = [v for v in recent if isinstance(v, float)] if isinstance(recent, list) else []
        return learner

    def _made(self, name: str) -> int:
        """Steps behind a checkpoint; of the last one its name may tell another number."""
        try:
            said = json.loads(self.path(name, ".json").read_text(encoding="utf-8")).get("step")
        except (OSError, ValueError, AttributeError):
            said = None
        return said if type(said) is int else int(name)

    def _loop(self, minutes: float | None) -> None:
        learner = self.learner
        first = learner.step
        while learner.step < self.steps:
            self._check()
            if learner.step == min(LEVEL, self.steps - 1) and self.held is None:
                if self.steps >= LEAST_STEPS or not learner.carried:
                    self.rehearsal = rehearse(self.data, self.settings, self.device, self.steps, self._check)
                if self._nothing_more():
                    self.steps = learner.step + 1
            self.recent.append(learner.train_step(self.data, self.steps))
            step, spent = learner.step, time.monotonic() - self.started
            if minutes is not None and step - first == LEVEL // 2:
                half = spent
            if minutes is not None and step - first == LEVEL:
                each = (spent - half) / (LEVEL - LEVEL // 2)
                each *= 1 if self.held is not None else TRAININGS
                self.steps = max(step, step + int((minutes * 60 * 0.92 - spent) / each))
            last = step == self.steps
            if step % 10 == 0 or last or step == 1:
                self.loss, self.recent = sum(self.recent) / len(self.recent), []
                held = self._validate() if self._due(step, self.steps // VALIDATIONS) or last else None
                self.log.add(step, self.loss, held)
                if self.progress is not None:
                    self.progress(
                        Progress(
                            step, self.steps, self.loss, self.verdict.error if self.verdict else None, spent
                        )
                    )
            if (
                minutes is not None and spent > minutes * 90
            ):  # the machine got slower; the average is usable as it is
                self.steps = step
            if last or step == self.steps:
                break
            if self.held is not None and self._nothing_more():
                self.steps = step
                break
            if step % self.settings.checkpoint_every == 0:
                self._save(learner.average)
            if self._due(step, max(self.settings.sheet_every, self.steps // SHEETS)):
                self._sheet(learner.average)

    def _nothing_more(self) -> bool:
        """Whether a rehearsal of some length let nothing of the network through, or hold-outs twice in a row after a
        third of the steps."""
        if self.steps < LEAST_STEPS or self.share.world > 1:
            return False
        if self.held is not None:
            return self.in_vain > 1 and self.learner.step >= self.steps // 3
        return self.rehearsal is not None and self.rehearsal.strength == 0

    def _check(self) -> None:
        if self.cancel is not None and self.cancel():
            raise Cancelled(Problem("CR590", "", "stopped"))

    def _due(self, step: int, every: int) -> bool:
        return step % (max(every, 10) // 10 * 10) == 0

    def _validate(self) -> float | None:
        if self.held is None:
            return None
        self.verdict = judge(self.learner.average, self.held, device=self.device)
        self.in_vain = self.in_vain + 1 if self.verdict.strength == 0 else 0
        if self.best is None or self.verdict.error < self.best[1].error:
            self.best = self.learner.step, self.verdict
            obey(self.learner.average, self.verdict)
            save_checkpoint(self.path("best"), self.learner.average, self._facts(), overwrite=True)
        return self.verdict.error

    def _end(self) -> TrainingResult:
        network, step, s = self.learner.average, self.learner.step, self.settings
        if self.held is not None and self.verdict is None:
            self._validate()
        verdict = self.verdict
        if self.best is not None and verdict is not None:
            if self.best[1].error < verdict.error * CLEARLY:
                network, verdict = (
                    load_checkpoint(self.path("best")).network.to(self.device.name),
                    self.best[1],
                )
            obey(network, verdict)
        elif self.rehearsal is not None:
            verdict = self.rehearsal
            obey(network, verdict)
        self._save(network, s.named)
        self._sheet(network)
        return TrainingResult(
            run=self.settings.run,
            steps=step,
            pairs=len(self.data.pairs),
            checkpoint=self.path(s.named or step),
            best=self.path("best") if self.best is not None else None,
            log=self.log.path,
            sheets=tuple(self.sheets),
            loss=self.loss,
            validation=verdict.error if verdict is not None else None,
            base=verdict.base if verdict is not None else None,
            position=bool(float(network.position_on)),
            strength=float(network.strength),
            seconds=time.monotonic() - self.started,
            device=self.device,
            settings=attrs.evolve(self.settings, steps=step),
        )

    def _facts(self) -> dict[str, Any]:
        best = None
        if self.best is not None:
            best = {"step": self.best[0], **attrs.asdict(self.best[1])}
        area = source_area((p.width, p.height, p.where) for p in self.data.pairs)
        return {
            **self.facts,
            "placement": None if area is None else attrs.asdict(area),
            "run": self.settings.run,
            "step": self.learner.step,
            "steps": self.steps,
            "loss": self.loss,
            "recent": self.recent,
            "best": best,
            "carried": self.learner.carried,
            "rehearsal": None if self.rehearsal is None else attrs.asdict(self.rehearsal),
            "pairs": [p.frame for p in self.data.pairs],
            "dataset": self.data.digest,
            "settings": self.settings.as_json(),
            "device": attrs.asdict(self.device),
        }

    def _save(self, network: ChromaNetwork, name: int | None = None) -> None:
        """name: number in the file's name, if not that of the steps made; a checkpoint of this run may bear it."""
        step = name or self.learner.step
        again = self.overwrite or step != self.learner.step
        self.learner.save(self.path(step, ".optimiser.safetensors"), overwrite=again)
        save_checkpoint(self.path(step), network, self._facts(), overwrite=again)

    def _sheet(self, network: ChromaNetwork) -> None:
        path = self.path(self.learner.step, ".png")
        caption = f"{self.settings.run}  step {self.learner.step} of {self.steps}  loss {self.loss:.5f}"
        write_contact_sheet(path, network, self.data, device=self.device, caption=caption)
        self.sheets.append(path)
