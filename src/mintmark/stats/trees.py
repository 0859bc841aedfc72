"""The parts of the table model that stand alone: what a tree predicts, how donors are drawn, which column comes when.

See cart.py for the whole and its source.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .columns import Column

QUANTILES, SPIKE = 15, 0.05


def missing(y: Any) -> Any:
    import numpy as np

    return np.isnan(y) if y.dtype.kind == "f" else y < 0


def grow(kind: str, x: Any, goal: Any, leaf: int, seed: int) -> Any:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if kind == "category":
        return DecisionTreeClassifier(min_samples_leaf=leaf, random_state=seed % 2**32).fit(x, goal)
    return DecisionTreeRegressor(min_samples_leaf=leaf, random_state=seed % 2**32).fit(x, goal)


def outputs(y: Any) -> Any:
    """What the tree of a number predicts at once: rank and winsorised z (weight 2), 15 quantile indicators, spikes, missing."""
    import numpy as np

    gone = np.isnan(y)
    fine = y[~gone]
    if not len(fine):
        return np.zeros((len(y), 1))
    low, high = np.quantile(fine, [0.01, 0.99])
    filled = np.where(gone, np.median(fine), y)
    ranks = np.searchsorted(np.sort(fine), filled) / len(fine)
    clipped = np.clip(filled, low, high)
    z = (clipped - clipped.mean()) / (clipped.std() or 1.0)
    out = [2 * (ranks - 0.5) * 1.7, 2 * z * 0.5]
    cuts = np.unique(np.quantile(fine, np.linspace(0, 1, QUANTILES + 2)[1:-1]))
    out += [(filled <= q).astype(float) for q in cuts]
    values, counts = np.unique(fine, return_counts=True)
    out += [(filled == v).astype(float) for v in values[counts > SPIKE * len(y)][:20]]
    if gone.any():
        out.append(gone.astype(float))
    return np.column_stack(out)


def even_donors(pools: Mapping[int, Any], leaves: Any, rng: Any) -> tuple[Any, Any]:
    """For each row a donor drawn systematically through its leaf's sorted pool, and the next row but one, half way to which it may move."""
    import numpy as np

    donors, towards = np.zeros(len(leaves), dtype=int), np.zeros(len(leaves), dtype=int)
    everyone: Any = (
        np.concatenate(list(pools.values())) if set(np.unique(leaves).tolist()) - set(pools) else None
    )  # a leaf of rare levels alone
    order = np.argsort(leaves, kind="stable")
    starts: Any = np.flatnonzero(np.r_[True, np.diff(leaves[order]) != 0]) if len(order) else []
    for at, end in zip(starts, [*starts[1:], len(order)], strict=True):
        rows = order[at:end]
        pool = pools.get(int(leaves[rows[0]]), everyone)
        m = len(rows)
        place = ((np.arange(m) + rng.random()) / m * len(pool)).astype(int) % len(pool)
        rng.shuffle(place)
        donors[rows] = pool[place]
        towards[rows] = pool[np.clip(place + np.where(rng.random(m) < 0.5, -2, 2), 0, len(pool) - 1)]
    return donors, towards


def find_lookups(encoded: Mapping[str, Column], first: Collection[str]) -> dict[str, str]:
    """child -> parent where a category determines the child, which is none of `first`: in all its levels, and more often than chance gives
    (one in a million). A number's value goes out as it is, so a level must hold 5 rows on average."""
    import numpy as np

    out: dict[str, str] = {}
    agree = {name: _agreement(c.values) for name, c in encoded.items()}
    for parent in sorted(encoded.values(), key=lambda c: -len(c.levels)):  # city before region, which would take country away from it
        n = len(parent.values)
        if parent.kind != "category" or not 2 <= len(parent.levels) <= n // 2 or parent.name in out:
            continue
        for child in encoded.values():
            if child.name == parent.name or child.name in first or child.name in out or parent.name in out or child.name in out.values():
                continue
            if child.kind == "category" and len(child.levels) < 2:
                continue
            if child.kind != "category" and n < 5 * len(parent.levels):
                continue
            if (n - len(parent.levels)) * -np.log(max(agree[child.name], 1e-300)) < np.log(1e6):
                continue
            order = np.lexsort((child.values, parent.values))
            p, c = parent.values[order], child.values[order]
            same = (c[1:] == c[:-1]) | (missing(c[1:]) & missing(c[:-1]))
            if bool(np.all(same | (p[1:] != p[:-1]))):
                out[child.name] = parent.name
    return out


def _agreement(values: Any) -> float:
    """How often two rows drawn at random agree."""
    import numpy as np

    counts = np.unique(values, return_counts=True)[1]
    return float(((counts / len(values)) ** 2).sum())


def column_order(encoded: Mapping[str, Column], first: Sequence[str]) -> list[str]:
    """`first` as given (at least one column), then greedily the column with the largest summed mutual information to those chosen (10 bins)."""
    import numpy as np

    codes = {}
    for name, c in encoded.items():
        if c.kind == "category":
            top = np.argsort(-np.bincount(c.values[c.values >= 0], minlength=max(1, len(c.levels))))[:20]
            rank = np.full(len(c.levels) + 1, 20)
            rank[top] = np.arange(len(top))
            codes[name] = np.where(c.values < 0, 21, rank[c.values])
        else:
            fine = c.values[~np.isnan(c.values)]
            edges = np.unique(np.quantile(fine, np.linspace(0.1, 0.9, 9))) if len(fine) else np.zeros(0)
            codes[name] = np.where(np.isnan(c.values), 11, np.searchsorted(edges, c.values, "right"))
    names = list(encoded)
    if not names:
        return []
    gain = dict.fromkeys(names, 0.0)
    out: list[str] = []
    for last in first or names[:1]:
        out.append(last)
        for name in names:
            gain[name] += mutual_information(codes[name], codes[last])
    while left := [x for x in names if x not in out]:
        out.append(max(left, key=lambda x: gain[x]))
        for name in left:
            gain[name] += mutual_information(codes[name], codes[out[-1]])
    return out


def mutual_information(a: Any, b: Any) -> float:
    import numpy as np

    joint = np.bincount(a * 22 + b, minlength=22 * 22).reshape(22, 22) / len(a)
    outer = joint.sum(1, keepdims=True) @ joint.sum(0, keepdims=True)
    some = joint > 0
    return float((joint[some] * np.log(joint[some] / outer[some])).sum())
