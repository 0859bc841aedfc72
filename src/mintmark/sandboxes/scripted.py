"""Outcomes from a function: the Sandbox port's own fake, for tests and tutorials. It runs nothing.

ScriptedSandbox(lambda trial: Outcome("ran", "scripted", answers=(["value", 3],) * len(trial.calls)))     # so it does without a function, too
"""

from __future__ import annotations

from collections.abc import Callable

from ..core.ports import Outcome, Trial


class ScriptedSandbox:
    """asked: the trials in the order they came."""

    tier = "scripted"

    def __init__(self, outcome: Callable[[Trial], Outcome] | None = None) -> None:
        self._outcome = outcome or (lambda trial: Outcome("ran", self.tier, answers=(["value", 3],) * len(trial.calls)))
        self.asked: list[Trial] = []

    async def run(self, trial: Trial) -> Outcome:
        self.asked.append(trial)
        return self._outcome(trial)

    async def aclose(self) -> None:
        pass
