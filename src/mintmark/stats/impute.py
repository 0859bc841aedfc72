"""Missing cells filled by trees: each column's tree sees all other columns, and a row's cell is drawn from the leaf it falls into.

Columns with the fewest missing cells come first; what is filled helps to fill the next. Drawn, not averaged, so that spread and relations stay;
no row gives out a value that fewer than five hold (protect.py). After multiple imputation by chained equations with CART (Burgette and Reiter 2010,
Am. J. Epidemiol. 172(9)), of which this is one pass and one imputation: intervals computed afterwards are too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .columns import Column, codes_of, decode, encode
from .features import kind_of
from .parts import part_of
from .step import Step, fit_step
from .trees import missing


class Imputer:
    """Imputer(columns, fill).fill({column: cell}, seed) -> {column: cell} of those that were missing. notes: for a reader of the report."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], fill: Sequence[str], seed: int = 0, min_leaf: int | None = None) -> None:
        n = len(next(iter(columns.values()), ()))
        self.notes: list[str] = []
        self._parts = {}
        self._own: dict[str, list[Column]] = {}
        for name, cells in columns.items():
            part = part_of(name, cells)
            apart = part.apart(cells)
            kinds = {sub: kind_of(own) for sub, own in apart.items()}
            if kinds[name] in ("text", "id"):
                if name in fill:
                    raise ValueError(
                        f"'{name}' is {'free text' if kinds[name] == 'text' else 'an identifier'}, which nothing else in a row tells"
                    )
                continue
            self._parts[name] = part
            self._own[name] = [encode(sub, own, kinds[sub]) for sub, own in apart.items()]
        encoded = {c.name: c for own in self._own.values() for c in own}
        leaf = min_leaf or int(min(60, max(20, n / 100)))
        self._steps: dict[str, list[Step]] = {}
        for name in sorted(fill, key=lambda c: sum(int(missing(s.values).sum()) for s in self._own[c])):
            known = sum(v is not None for v in columns[name])
            if not known:
                raise ValueError(f"'{name}' has no value in any row, so there is nothing to fill it from")
            self._steps[name] = []
            for k, sub in enumerate(self._own[name]):
                later = [c.name for c in self._own[name][k + 1 :]]
                others = [c for c in encoded if c != sub.name and c not in later]
                self._steps[name].append(fit_step(replace(sub, governed=True), others, encoded, leaf, seed, self.notes))

    def fill(self, row: Mapping[str, Any], seed: int) -> dict[str, Any]:
        import numpy as np

        rng = np.random.default_rng(seed)
        values: dict[str, Any] = {}
        for name, part in self._parts.items():
            apart = part.apart([row.get(name)])
            values.update({c.name: codes_of(c, apart[c.name]) for c in self._own[name]})
        out = {}
        for name, steps in self._steps.items():
            if row.get(name) is not None:
                continue
            for step in steps:
                values[step.column.name] = step.draw(values, 1, rng)
            out[name] = self._parts[name].join({s.column.name: decode(s.column, values[s.column.name]) for s in steps})[0]
        return out
