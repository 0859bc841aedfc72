"""What a single class teaches: always that class. Shared by the learners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Constant:
    """What a single-class target teaches: always that class."""

    def __init__(self, value: Any) -> None:
        self.classes: Sequence[Any] = (value,)

    def predict(self, table: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
        return [self.classes[0]] * len(next(iter(table.values()), ()))

    def proba(self, table: Mapping[str, Sequence[Any]]) -> Any:
        import numpy as np

        return np.ones((len(next(iter(table.values()), ())), 1))
