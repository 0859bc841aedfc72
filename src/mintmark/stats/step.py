"""One column of the table model: a tree over the columns before it, donors in its leaves, and how a value is drawn from them.

See cart.py for the whole and its source. Trees grow on at most GROWN rows; every row is a donor. A category of more than MANY levels is split by
groups of levels (the commonest alone, the others by what they go with), so that 10,000 levels take no longer than 60.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .columns import Column, grain
from .protect import Guard
from .trees import even_donors, grow, missing, outputs

RARE_LEVEL, MANY, GROWN, WEEK, MONTH = 3, 64, 50_000, 7.0, 28


@dataclass
class Step:
    """lookup: the values are another column's, translated. rule: ('linear' | 'log', (parents, coefficients)). pools: leaf -> sorted donor rows."""

    column: Column
    parents: tuple[str, ...] = ()
    tree: Any = None
    orders: dict[str, Any] = field(default_factory=dict)  # category parent -> rank of each level for this tree
    pools: dict[int, Any] = field(default_factory=dict)
    lookup: tuple[str, Any] | None = None
    rule: tuple[str, Any] | None = None
    residual: Any = None
    guard: Guard | None = None
    grains: Any = None

    def draw(self, values: Mapping[str, Any], n: int, rng: Any) -> Any:
        """n values given those of the columns before: {name: array}."""
        import numpy as np

        if self.lookup is not None:
            parent, table = self.lookup
            return table[np.asarray(values[parent], int) + 1]
        leaves = np.zeros(n, dtype=int)
        if self.tree is not None:
            leaves = self.tree.apply(_features(self, values))
        donors, towards = even_donors(self.pools, leaves, rng)
        y = self.column.values
        if self.guard is None:
            return y[donors]
        source = self.residual if self.residual is not None else y
        a, b = source[donors], source[towards]
        made = a + 0.5 * rng.random(n) * (np.where(np.isnan(b), a, b) - a)
        keep = np.zeros(n, dtype=bool)
        if self.rule is not None:
            base = _predict(self.rule, values)
            made = made * base if self.rule[0] == "log" else made + base
            made = np.where(np.isfinite(made), made, y[donors])
        else:
            keep = self.guard.is_common(a)
        made = np.where(keep | np.isnan(y[donors]), y[donors], made)
        return self.guard.inside(made, keep, self.grains[donors], y[donors], rng)


def fit_step(column: Column, parents: Sequence[str], encoded: Mapping[str, Column], leaf: int, seed: int, notes: list[str]) -> Step:
    """leaf: donors a leaf holds at least. A rare level, and a missing cell of a governed column, is nobody's donor."""
    import numpy as np

    step = Step(column, tuple(parents))
    y = column.values
    donors = np.arange(len(y))
    if column.kind == "category":
        donors = _without_rare(column, notes)
    else:
        step.guard, step.grains = Guard.of(y), _days(y) if column.kind == "date" else grain(y)
        if column.kind == "number" and column.whole:
            step.grains = np.maximum(step.grains, 1.0)
        step.rule = _rule(column, parents, encoded, notes)
        if step.rule is not None:
            base = _predict(step.rule, {p: encoded[p].values for p in parents})
            apart = y / base if step.rule[0] == "log" else y - base
            step.residual = np.where(np.isfinite(apart) | np.isnan(y), apart, 0.0)
    if column.governed:
        donors = donors[~missing(y[donors])]
    key = step.residual if step.residual is not None else y
    leaves = np.zeros(len(y), dtype=int)
    if parents and len(donors) >= 2 * leaf and len(np.unique(y[donors])) > 1:
        some = donors if len(donors) <= GROWN else np.random.default_rng(seed).choice(donors, GROWN, replace=False)
        goal = outputs(key[some]) if step.guard is not None else _goal(column, encoded[parents[0]].values, some)
        _order_levels(step, encoded, goal, some)
        x = _features(step, {p: encoded[p].values for p in parents})
        step.tree = grow(column.kind, x[some], goal, leaf, seed)
        leaves = step.tree.apply(x)
    by_leaf = donors[np.lexsort((key[donors], leaves[donors]))]
    pools = np.split(by_leaf, np.flatnonzero(np.diff(leaves[by_leaf])) + 1)
    step.pools = {int(leaves[pool[0]]): pool for pool in pools if len(pool)}
    return step


def _without_rare(column: Column, notes: list[str]) -> Any:
    import numpy as np

    counts = np.bincount(column.values[column.values >= 0], minlength=max(1, len(column.levels)))
    rare = (counts > 0) & (counts < RARE_LEVEL)
    if rare.all() or not rare.any():
        return np.arange(len(column.values))
    if not column.name.startswith("\0"):
        name, s = column.name.partition("\0")[0], "s" * int(rare.sum() > 1)  # "\0": a part of the column of that name
        notes.append(f"{rare.sum()} value{s} of '{name}' held by fewer than {RARE_LEVEL} rows were never made")
    return np.flatnonzero((column.values < 0) | ~rare[column.values])


def _order_levels(step: Step, encoded: Mapping[str, Column], goal: Any, rows: Any) -> None:
    """Ranks of each category parent's levels: the mean of what is predicted, drawn towards the overall mean where few rows hold a level. Levels
    that are never made get that mean: by their own, each nearly its one row's answer, the tree would learn splits that no made row follows."""
    import numpy as np

    if goal.ndim == 2:
        head = goal[:, 0]
    else:
        head = (goal == np.bincount(goal + 1)[1:].argmax()).astype(float) if (goal >= 0).any() else goal.astype(float)
    for name in step.parents:
        column = encoded[name]
        if column.kind == "category":
            codes, size = column.values[rows] + 1, len(column.levels) + 1
            sums, counts = np.bincount(codes, weights=head, minlength=size), np.bincount(codes, minlength=size)
            rare = np.bincount(column.values + 1, minlength=size) < RARE_LEVEL
            step.orders[name] = np.where(rare, head.mean(), (sums + head.mean()) / (counts + 1.0))


def _features(step: Step, values: Mapping[str, Any]) -> Any:
    """Parents as a matrix; a category as the rank of its level."""
    import numpy as np

    return np.column_stack(
        [np.asarray(step.orders[p][np.asarray(values[p], int) + 1] if p in step.orders else values[p], np.float32) for p in step.parents]
    )


def _goal(column: Column, first: Any, rows: Any) -> Any:
    """What the tree of a category tells apart: its levels, of many the commonest alone and groups in order of the mean of the first parent."""
    import numpy as np

    y = column.values[rows]
    if len(column.levels) <= MANY:
        return y
    counts = np.bincount(y + 1, minlength=len(column.levels) + 1)[1:]
    sums = np.bincount(y + 1, weights=np.nan_to_num(np.asarray(first[rows], float)), minlength=len(counts) + 1)[1:]
    order = np.argsort(sums / np.maximum(counts, 1), kind="stable")
    below = np.cumsum(counts[order]) - counts[order]
    group = np.empty(len(counts), dtype=int)
    group[order] = MANY // 2 + below * (MANY // 2) // max(1, counts.sum())
    top = np.argsort(-counts, kind="stable")[: MANY // 2]
    group[top] = np.arange(len(top))
    return np.where(y < 0, -1, group[y])


def _days(y: Any) -> Any:
    """Steps of a week keep the weekday, where weekdays differ; of a day otherwise."""
    import numpy as np

    found = y[~np.isnan(y)]
    counts = np.bincount((found % 7).astype(int), minlength=7) if len(found) else np.zeros(7)
    mean = counts.mean()
    differ = len(found) > 100 and np.ptp(found) >= 4 * MONTH and ((counts - mean) ** 2 / max(mean, 1e-9)).sum() > 22.5  # chi2(6), p = 0.001
    return np.full(len(y), WEEK if differ else 1.0)


def _rule(column: Column, parents: Sequence[str], encoded: Mapping[str, Column], notes: list[str]) -> tuple[str, Any] | None:
    """A linear or log-linear rule over numeric parents that explains 90 % of the absolute deviation, in both of two folds."""
    import numpy as np

    numeric = [p for p in parents if encoded[p].kind == "number"]
    y = column.values
    if not numeric or column.kind != "number" or len(np.unique(y)) < 10:
        return None
    x = np.column_stack([encoded[p].values for p in numeric])
    for kind in ("linear", "log"):
        fine = np.isfinite(y) & np.isfinite(x).all(axis=1)
        if kind == "log":
            fine &= (y > 0) & (x > 0).all(axis=1)
        if fine.sum() < max(50, 5 * x.shape[1]) or fine.sum() < 0.9 * np.isfinite(y).sum():
            continue
        a, b = (x[fine], y[fine]) if kind == "linear" else (np.log(x[fine]), np.log(y[fine]))
        design = np.column_stack([np.ones(len(a)), a])
        fold = np.arange(len(b)) % 2
        explained = []
        for k in (0, 1):
            w, *_ = np.linalg.lstsq(design[fold == k], b[fold == k], rcond=None)
            rest = b[fold != k] - design[fold != k] @ w
            spread = np.abs(b[fold != k] - np.median(b[fold != k])).sum()
            explained.append(1 - np.abs(rest).sum() / spread if spread else 0.0)
        if min(explained) >= 0.9:
            w, *_ = np.linalg.lstsq(design, b, rcond=None)
            shape = "linear" if kind == "linear" else "power"
            notes.append(f"'{column.name}' follows a {shape} rule of {', '.join(numeric)}; the rule was kept")
            return kind, (numeric, w)
    return None


def _predict(rule: tuple[str, Any], values: Mapping[str, Any]) -> Any:
    import numpy as np

    kind, (names, w) = rule
    x = np.column_stack([values[n] for n in names]).astype(float)
    if kind == "log":
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.exp(w[0] + np.log(np.where(x > 0, x, np.nan)) @ w[1:])
    return w[0] + x @ w[1:]
