"""Outcomes from a function: the Sandbox port's own fake, for tests and tutorials. It runs nothing.

ScriptedSandbox(lambda trial: Outcome("ran", "scripted", answers=(["value", 3],) * len(trial.calls)))
"""

from __future__ import annotations

from collections.abc import Callable

from ..core.ports import Outcome, Trial


class ScriptedSandbox:
    """asked: the trials in the order they came."""

    tier = "scripted"

    def __init__(self, outcome: Callable[[Trial], Outcome]) -> None:
        self._outcome = outcome
        self.asked: list[Trial] = []

    async def run(self, trial: Trial) -> Outcome:
        self.asked.append(trial)
        return self._outcome(trial)

    async def aclose(self) -> None:
        pass
