"""Missing cells filled by trees: each column's tree sees all other columns, and a row's cell is drawn from the leaf it falls into.

Columns with the fewest missing cells come first; what is filled helps to fill the next. Rows that miss other columns too (of the commonest 16 patterns)
have trees of their own, over what they hold. Drawn, not averaged, so that spread and relations stay;
no row gives out a value that fewer than five hold (protect.py). After multiple imputation by chained equations with CART (Burgette and Reiter 2010,
Am. J. Epidemiol. 172(9)), of which this is one pass and one imputation: intervals computed afterwards are too narrow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .columns import Column, codes_of, decode, encode
from .features import kind_of
from .parts import part_of
from .step import Step, fit_step
from .trees import missing

PATTERNS = 16


class Imputer:
    """Imputer(columns, fill).fill({column: cell}, seed) -> {column: cell} of those that were missing. notes: for a reader of the report."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], fill: Sequence[str], seed: int = 0, min_leaf: int | None = None) -> None:
        import numpy as np

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
        self._steps: dict[str, dict[frozenset[str], list[Step]]] = {}  # column -> which others are missing -> steps
        for name in sorted(fill, key=lambda c: sum(int(missing(s.values).sum()) for s in self._own[c])):
            gone = np.asarray([v is None for v in columns[name]], bool)
            if gone.all():
                raise ValueError(f"'{name}' has no value in any row, so there is nothing to fill it from")
            others = [o for o in self._own if o != name and o not in self._steps]  # those before it are filled by then
            seen = Counter(frozenset(o for o in others if columns[o][i] is None) for i in np.flatnonzero(gone).tolist())
            self._steps[name] = {}
            for absent in dict.fromkeys([frozenset(), *(p for p, _ in seen.most_common(PATTERNS))]):
                silent = {c.name for o in absent for c in self._own[o]}  # a tree that asks them learns nothing for such rows
                steps = self._steps[name][absent] = []
                for k, sub in enumerate(self._own[name]):
                    later = [c.name for c in self._own[name][k:]]
                    parents = [c for c in encoded if c not in later and c not in silent]
                    steps.append(fit_step(replace(sub, governed=True), parents, encoded, leaf, seed, [] if absent else self.notes))

    def fill(self, row: Mapping[str, Any], seed: int) -> dict[str, Any]:
        import numpy as np

        rng = np.random.default_rng(seed)
        values: dict[str, Any] = {}
        for name, part in self._parts.items():
            apart = part.apart([row.get(name)])
            values.update({c.name: codes_of(c, apart[c.name]) for c in self._own[name]})
        out: dict[str, Any] = {}
        open_ = {name for name in self._parts if row.get(name) is None}
        for name, by_pattern in self._steps.items():
            if name not in open_:
                continue
            open_.remove(name)
            steps = by_pattern.get(frozenset(open_)) or by_pattern[frozenset()]
            for step in steps:
                values[step.column.name] = step.draw(values, 1, rng)
            out[name] = self._parts[name].join({s.column.name: decode(s.column, values[s.column.name]) for s in steps})[0]
        return out
