"""A model of a table without any language model: sequential classification and regression trees with smoothed, evenly drawn donors.

The idea is synthpop's (Nowok, Raab and Dibben 2016, J. Stat. Softw. 74(11)): columns one after the other, each drawn from the leaf of a tree
that its row falls into (step.py). What is added: lookups for columns that another one determines; an order by mutual information, the target
first; multi-output trees for numbers; donated residuals where a linear or log-linear rule explains a column; donors drawn evenly through each
leaf's sorted pool; values drawn past neighbours; protection of extremes, of values and of levels that few rows hold (protect.py). Which cells
are missing together is a category of its own. Moments and mixed cells are taken apart (parts.py), identifiers made fresh (serial.py), what must
hold between columns holds (relations.py).

The privacy knob is `min_leaf`, the real rows that a drawn value may come from: more is safer and blurs. Without it n/100, between 20 and 60.
No differential privacy, no proof: with fewer than 400 rows synthetic rows stand measurably nearer to the rows they were made from.
One row: {'age': 41, 'hours_per_week': 40, 'education': 'Bachelors', 'income': '>50K'}
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .columns import Column, codes_of, decode, encode
from .features import kind_of
from .parts import Part, Plain, part_of
from .protect import COMMON, among
from .relations import Cells, Expression, Relations
from .serial import Serial
from .step import RARE_LEVEL, Step, fit_step
from .trees import column_order, find_lookups, missing

PATTERN = "\0missing"
TRIES, COPIES, DENSE = 60, 5, 0.05
PROBES, LONG = 20, 100  # texts tried before a model of them is believed; characters of what is a text, not a name or an address


class TableModel:
    """fit(...) then sample(n, seed). kinds: column -> kind. leaf: rows a leaf holds at least. notes: what a reader of the report should know."""

    def __init__(self, relations: Relations) -> None:
        self._relations = relations
        self.kinds: dict[str, str] = {}
        self.notes: list[str] = []
        self._steps: list[Step] = []
        self._names: list[str] = []
        self._parts: dict[str, Part] = {}
        self._texts: dict[str, Any] = {}
        self._fresh: dict[str, Serial] = {}
        self._label: str | None = None
        self._real: Any = None
        self._n = self.leaf = 0
        self._first: dict[str, list[Column]] = {}
        self._patterns: tuple[str, ...] = ()

    @classmethod
    def fit(
        cls,
        columns: Mapping[str, Sequence[Any]],
        *,
        target: str | None = None,
        text: Sequence[str] | None = None,
        seed: int = 0,
        min_leaf: int | None = None,
        text_model: Callable[[Sequence[str], Sequence[Any]], Any] | None = None,
        first: Sequence[str] = (),
        derived: Mapping[str, Expression] | None = None,
        must: Sequence[Expression] = (),
        unique: Sequence[str] = (),
    ) -> TableModel:
        """columns: name -> Python values, None = missing. text: columns of free text (found by themselves if None).

        text_model: learns (texts, labels) and has sample(label, random.Random) -> text or None; see text/ngram_model.py.
        first: columns that `sample` may be given. derived, must: see relations.py. unique: columns of values that never come twice.
        """
        n = len(next(iter(columns.values()), ()))
        if not columns or n < 2:
            raise ValueError(f"the table has {n} rows and {len(columns)} columns; a model of it needs at least 2 rows and 1 column")
        for name in (*([target] if target is not None else []), *first, *(derived or {}), *unique):
            if name not in columns:
                raise ValueError(f"'{name}' is no column; there are {', '.join(columns)}")
        notes: list[str] = []
        if n < 400:
            notes.append(
                f"learned from {n} rows, fewer than 400: single people can be recognised more easily; do not share it as anonymous"
            )
        self = cls(Relations(columns, derived or {}, must, notes, first))
        self.notes, self._names, self._n = notes, list(columns), n
        encoded: dict[str, Column] = {}
        for name, cells in self._relations.learn(columns).items():
            if name in first and name in unique:
                raise ValueError(f"'{name}' cannot be given and be unique")
            encoded.update(self._read(name, cells, text, name in unique, seed))
        for name in first:
            if name not in self._parts:
                raise ValueError(
                    f"'{name}' is {'derived' if name in self._relations.derived else self.kinds[name]}, which nothing can be conditioned on"
                )
        self._label = _pick_label(encoded, target)
        for name in (c for c, k in self.kinds.items() if k == "text"):
            self._fit_text(name, columns, text_model, seed)
        leading = [c.name for name in first for c in self._first[name]]
        leading += [s for s in ([*self._parts[target].apart([])] if target in self._parts else []) if s not in leading]
        leaf = self.leaf = min_leaf or int(min(60, max(20, n / 100)))
        if encoded:
            self._fit_steps(encoded, leading, leaf, seed)
        if 2 * leaf > n and len(encoded) > 1:
            notes.append(f"{n} rows hold no two leaves of {leaf}: each column was drawn by itself, without its relations to the others")
        return self

    def _read(self, name: str, cells: Sequence[Any], text: Sequence[str] | None, unique: bool, seed: int) -> dict[str, Column]:
        """The column's parts, encoded; none of what is text or an identifier."""
        part = part_of(name, cells)
        apart = part.apart(cells)
        kinds = {
            sub: "category" if sub != name else kind_of(own)
            for sub, own in apart.items()
            if sub.endswith(("\0word", "\0zone")) or sub == name
        }
        kind = kinds[name]
        if unique:
            if not isinstance(part, Plain) or isinstance(next((c for c in cells if c is not None), None), bool):
                raise ValueError(f"'{name}' is to be unique, which only words and plain numbers can be made")
            found = [c for c in cells if c is not None]
            if len(set(map(repr, found))) < len(found):
                raise ValueError(
                    f"'{name}' is to be unique, but {1 - len(set(map(repr, found))) / len(found):.1%} of the real cells repeat another"
                )
            kind = "id"
        elif text is not None:
            kind = "text" if name in text else "category" if kind == "text" else kind
        if kind == "category" and _all_rare(apart[name]):
            kind = "id"
        self.kinds[name] = kind
        if kind == "id":
            self._fresh[name] = Serial(cells, seed)
            why = "is to be unique" if unique else "looks like an identifier"
            self.notes.append(f"'{name}' {why}: fresh values of the same shape were made, none that the {self._n:,} rows learned from hold")
        if kind in ("id", "text"):
            return {}
        if kind == "number" and isinstance(part, Plain) and _like_keys(cells):
            self.notes.append(
                f"'{name}' holds a different whole number in every row, as keys do: those made repeat and equal real ones; name it in unique:"
            )
        self._parts[name] = part
        out = {sub: encode(sub, own, kinds.get(sub, "number")) for sub, own in apart.items()}
        self._first[name] = list(out.values())
        return out

    def _fit_text(self, name: str, columns: Mapping[str, Sequence[Any]], text_model: Any, seed: int) -> None:
        if text_model is None:
            raise ValueError(f"'{name}' is free text; give a text_model that learns (texts, labels)")
        labels = columns[self._label] if self._label else [None] * self._n
        pairs = [(str(t), x) for t, x in zip(columns[name], labels, strict=True) if t is not None]
        model, chance = text_model([t for t, _ in pairs], [x for _, x in pairs]), random.Random(seed)
        tried = [model.sample(x, chance) for _, x in pairs[:: max(1, len(pairs) // PROBES)][:PROBES]]
        if sum(t is not None for t in tried) * 10 < len(tried):  # telephone numbers, addresses, names
            if sum(len(t) for t, _ in pairs) > LONG * len(pairs):
                raise ValueError(
                    f"of '{name}' no new text can be made that does not give a real one away; leave it out, or let `write` make it"
                )
            self.kinds[name] = "id"
            self._fresh[name] = Serial(columns[name], seed)
            self.notes.append(
                f"of '{name}' no new text could be made that stands apart from the real ones: fresh strings of the same shape"
            )
            return
        self._texts[name] = (model, 1 - len(pairs) / self._n)
        self.notes.append(
            f"texts of '{name}' come from word sequences of the real ones, without meaning: a baseline that a language model should beat"
        )

    def _fit_steps(self, encoded: dict[str, Column], leading: list[str], leaf: int, seed: int) -> None:
        import numpy as np

        lookups = find_lookups(encoded, leading)
        for child, parent in lookups.items():
            if "\0" not in child + parent:
                self.notes.append(f"'{child}' is determined by '{parent}' in the real table, and is looked up")
        drawn = {k: c for k, c in encoded.items() if k not in lookups}
        order = column_order(drawn, leading)
        pattern = _pattern({k: c for k, c in drawn.items() if k not in leading})
        if pattern is not None:
            self._patterns, drawn[PATTERN] = pattern
            drawn.update({k: replace(drawn[k], governed=True) for k in self._patterns})
            order.insert(len(leading), PATTERN)
        for k, name in enumerate(order):
            self._steps.append(fit_step(drawn[name], order[:k], drawn, leaf, seed, self.notes))
        for name, parent in lookups.items():
            self._steps.append(Step(encoded[name], lookup=(parent, _translation(encoded[parent], encoded[name]))))
        if not self._texts and any(c.kind != "category" for c in encoded.values()):
            keys, counts = np.unique(_keys({k: c.values for k, c in encoded.items()}), return_counts=True)
            twice = counts[counts > 1].sum() / self._n
            if twice <= DENSE:
                self._real = keys[counts < COMMON]
            else:  # to draw again what a real row equals would bend a table of so few combinations
                self.notes.append(
                    f"{twice:.0%} of the real rows equal another one in all cells; rows made equal real ones as often by chance"
                )

    # -- sampling ------------------------------------------------------------------------------------------------------
    def sample(self, n: int, seed: int = 0, start: int = 0, given: Mapping[str, Sequence[Any]] | None = None) -> Cells:
        """n rows, the same for the same (table, n, seed, start); another seed gives an independent draw. start: how many rows were made before,
        so that unique values go on. given: n cells each of columns that were named `first`. A text that the guard refuses is None."""
        import numpy as np

        rng = np.random.default_rng(seed)
        pinned = self._pinned(given or {})
        made = self._try(n, pinned, rng)
        for attempt in range(TRIES):
            again = np.flatnonzero(made[1] | made[2] if attempt < COPIES else made[1])
            if not len(again) or (attempt >= COPIES and made[1].all()):
                break
            rows = np.resize(again, max(len(again), 256))  # several tries at once for the last few
            new = self._try(len(rows), {k: v[rows] for k, v in pinned.items()}, rng)
            good = np.flatnonzero(~new[1] & ~new[2] if attempt < COPIES else ~new[1])
            for k in dict(zip(rows[good].tolist(), good.tolist(), strict=True)).items():
                _replace(made, new, *k)
        if made[1].any():
            conditions = "; ".join(c.text for c in self._relations.must)
            raise ValueError(
                f"{made[1].sum()} of {n} rows broke a condition each time they were drawn: {conditions}; too few real rows hold it"
            )
        out: Cells = self._relations.written(made[0])
        chance = random.Random(seed)
        for name, (model, absent) in self._texts.items():
            labels = out[self._label] if self._label else [None] * n
            seen: set[str] = set()
            out[name] = [None if chance.random() < absent else _new_text(model, label, chance, seen) for label in labels]
        for name, serial in self._fresh.items():
            out[name] = serial.make(start, n)
        return {name: out[name] for name in self._names}

    def refused(self, name: str) -> bool:
        """Whether None in this column means a refused text, not a missing cell."""
        return name in self._texts and self._texts[name][1] == 0.0

    def held(self, name: str, value: Any) -> int:
        """In how many real rows this column, one of `first`, has the value."""
        import numpy as np

        told = self._pinned({name: [value]})
        same = [c.values == told[c.name][0] for c in self._first[name]]
        return int(np.logical_and.reduce([*same, ~missing(self._first[name][-1].values)]).sum())

    def _pinned(self, given: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        out = {}
        for name, cells in self._relations.read(given).items():
            apart = self._parts[name].apart(cells)
            out.update({c.name: codes_of(c, apart[c.name]) for c in self._first[name]})
        return out

    def _try(self, n: int, pinned: Mapping[str, Any], rng: Any) -> tuple[Cells, Any, Any]:
        """n rows as cells; which of them break a condition; which equal a real row in all cells."""
        import numpy as np

        values = self._draw(n, pinned, rng)
        apart = {s.column.name: decode(s.column, values[s.column.name]) for s in self._steps if s.column.name != PATTERN}
        same = np.zeros(n, dtype=bool) if self._real is None else among(_keys({k: values[k] for k in apart}), self._real)
        cells = {name: part.join({c.name: apart[c.name] for c in self._first[name]}) for name, part in self._parts.items()}
        cells = self._relations.restore(cells)
        return cells, np.asarray(self._relations.broken(cells), bool) if cells else same, same

    def _draw(self, n: int, pinned: Mapping[str, Any], rng: Any) -> dict[str, Any]:
        import numpy as np

        values: dict[str, Any] = dict(pinned)
        absent: Any = None
        for step in self._steps:
            name = step.column.name
            if name in pinned:
                continue
            if not step.column.governed:
                values[name] = step.draw(values, n, rng)
            else:
                here = np.flatnonzero(~absent[self._patterns.index(name)][values[PATTERN]])
                values[name] = np.full(n, -1 if step.column.kind == "category" else np.nan)
                values[name] = values[name].astype(step.column.values.dtype)
                values[name][here] = step.draw({p: values[p][here] for p in step.parents}, len(here), rng)
            if name == PATTERN:
                absent = np.asarray(step.column.levels, bool).T
        return values


def _replace(made: tuple[Cells, Any, Any], new: tuple[Cells, Any, Any], at: int, source: int) -> None:
    for name, cells in made[0].items():
        cells[at] = new[0][name][source]
    made[1][at], made[2][at] = new[1][source], new[2][source]


def _pick_label(encoded: Mapping[str, Column], target: str | None) -> str | None:
    """The category that texts are conditioned on: the target, else the category with the most levels of at least 3 rows."""
    if target is not None and target in encoded and encoded[target].kind == "category":
        return target
    usable = [
        c for c in encoded.values() if c.kind == "category" and "\0" not in c.name and 2 <= len(c.levels) <= max(2, len(c.values) // 3)
    ]
    return max(usable, key=lambda c: len(c.levels)).name if usable else None


def _all_rare(cells: Sequence[Any]) -> bool:
    """Words of which none is held by RARE_LEVEL rows: to draw them again would name somebody."""
    from collections import Counter

    found = [c for c in cells if c is not None]
    return bool(found) and all(isinstance(c, str) for c in found) and max(Counter(found).values()) < RARE_LEVEL


def _like_keys(cells: Sequence[Any]) -> bool:
    """Whole numbers of which none comes twice though they lie so close that by chance some would (birthdays: less than one in a million)."""
    found = [c for c in cells if c is not None]
    if len(found) < 30 or not all(type(c) is int for c in found) or len(set(found)) < len(found):
        return False
    return bool(len(found) ** 2 > 28 * (max(found) - min(found) + 1))


def _pattern(encoded: Mapping[str, Column]) -> tuple[tuple[str, ...], Column] | None:
    """Which cells are missing together, as a category over the columns that have missing cells and others; None where patterns say too little."""
    import numpy as np

    gone = {k: missing(c.values) for k, c in encoded.items()}
    names = tuple(k for k, g in gone.items() if 0 < g.sum() < len(g))
    if len(names) < 2:
        return None
    rows = np.column_stack([gone[k] for k in names])
    levels, codes, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    if counts[counts < RARE_LEVEL].sum() > 0.1 * len(rows):
        return None
    return names, Column(PATTERN, "category", codes.ravel(), tuple(map(tuple, levels.tolist())))


def _translation(parent: Column, child: Column) -> Any:
    """Parent's code + 1 -> child's value."""
    import numpy as np

    table = np.full(len(parent.levels) + 1, np.nan if child.numeric else -1).astype(child.values.dtype)
    table[parent.values + 1] = child.values
    return table


def _keys(columns: Mapping[str, Any]) -> Any:
    """One 64-bit number per row, over all its values."""
    import numpy as np

    key: Any = None
    for name in sorted(columns):
        bits = np.nan_to_num(np.asarray(columns[name], float) + 0.0, nan=1e308).view(np.uint64)
        key = bits * np.uint64(0x9E3779B97F4A7C15) if key is None else (key ^ (key >> np.uint64(29)) ^ bits) * np.uint64(0xBF58476D1CE4E5B9)
    return key ^ (key >> np.uint64(32))


def _new_text(model: Any, label: Any, chance: Any, seen: set[str]) -> str | None:
    """A text that was not drawn before, if three tries find one."""
    text: str | None = None
    for _ in range(3):
        text = model.sample(label, chance)
        if text is None or text not in seen:
            break
    if text is not None:
        seen.add(text)
    return text
