"""A training's other processes: they make the same steps and write nothing."""

from __future__ import annotations

from .loss_log import LossLog
from .network import ChromaNetwork
from .results import TrainingResult
from .training_run import TrainingRun

__all__ = ["FollowingRun"]


class FollowingRun(TrainingRun):
    """A run beside that of process 0, which saves, validates and rehearses for all."""

    def go(self, minutes: float | None) -> TrainingResult:
        self.log = _NoLog(self.log.path)
        self.overwrite = True  # what is there is process 0's
        self.progress = None
        self.held = self.held or self.data  # no rehearsal
        return super().go(minutes)

    def _validate(self) -> float | None:
        return None

    def _save(self, network: ChromaNetwork, name: int | None = None) -> None:
        pass

    def _sheet(self, network: ChromaNetwork) -> None:
        pass

    def _end(self) -> TrainingResult:
        s = self.settings
        return TrainingResult(
            run=s.run,
            steps=self.learner.step,
            pairs=len(self.data.pairs),
            checkpoint=self.path(s.named or self.learner.step),
            best=None,
            log=self.log.path,
            sheets=(),
            loss=self.loss,
            validation=None,
            base=None,
            position=bool(float(self.learner.average.position_on)),
            strength=float(self.learner.average.strength),
            seconds=0.0,
            device=self.device,
            settings=s,
        )


class _NoLog(LossLog):
    """A log that another process writes: never opened here, so nothing is added to it."""

    def start(self) -> None:
        pass

    def resume(self, step: int) -> None:
        pass
