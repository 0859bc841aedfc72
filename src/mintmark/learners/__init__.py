"""Learners, a file each; here what those that use torch or transformers share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def quiet(transformers: Any) -> Iterator[None]:
    """No progress bars and no news of a head that is new, as it must be; the user's settings come back."""
    log = transformers.utils.logging
    level, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(level)
        if bars:
            log.enable_progress_bar()


class Goal:
    """A target as tensors: classes as places in the sorted order of their texts, numbers scaled to mean 0 and deviation 1; weights of mean 1."""

    def __init__(self, torch: Any, target: Sequence[Any], weight: Sequence[float] | None, task: str) -> None:
        import numpy as np

        given = np.ones(len(target)) if weight is None else np.asarray(weight, float)
        self._torch, self._middle, self._scale = torch, 0.0, 1.0
        self._weight = torch.tensor(given / max(float(given.mean()), 1e-12), dtype=torch.float32)
        self.classes: Sequence[Any] = ()
        if task == "regression":
            values = np.asarray([float(t) for t in target])
            self._middle, self._scale = float(values.mean()), float(values.std()) or 1.0
            self._y = torch.tensor((values - self._middle) / self._scale, dtype=torch.float32)
        else:
            names = {str(t): t for t in target}
            place = {name: i for i, name in enumerate(sorted(names))}
            self.classes = tuple(names[n] for n in place)
            self._y = torch.tensor([place[str(t)] for t in target])

    def loss(self, told: Any, rows: Any) -> Any:
        """Weighted cross-entropy, or squared error, of what a net told of these rows."""
        goal, weight = self._y[rows].to(told.device), self._weight[rows].to(told.device)
        each = self._torch.nn.functional.cross_entropy(told, goal, reduction="none") if self.classes else (told.squeeze(1) - goal) ** 2
        return (each * weight).mean()

    def read(self, told: Any) -> list[Any]:
        """Predictions: the class of the largest, or the number scaled back."""
        if self.classes:
            return [self.classes[int(j)] for j in told.argmax(1)]
        return [float(t) * self._scale + self._middle for t in told[:, 0]]
