"""What the table default is worth beside generators that need no model either, and what it costs.

    python bench/tables.py DATA                    five tables, three seeds; Adult as the mean of three splits x two draws: about 4 CPU minutes
    python bench/tables.py DATA --only adult
    python bench/tables.py DATA --big              1,000,000 rows x 15: CPU seconds and peak memory

DATA holds adult_ctgan/adults_train.csv (10,000 rows are drawn, seed 0) and sdmetrics_demo/student_placements_real.csv. Split 50/50 by seed: train is
what a generator sees, as many rows are made, the holdout is what they are measured against.
c2st  AUC of boosting (defaults), out of 5 folds, that tells made rows from the holdout    tstr  boosting learned on made rows, tested on the holdout (AUC, accuracy, R2)
dcr_share, mia_auc   as the metric `nearness` has them (Gower; all rows)
copy  made rows equal to a train row in all cells, and holdout rows that are             single  univariate singling out (Giomi et al. 2023, anonymeter, which sets what is below 0 to 0): of all
      guesses 'column = a value that one made row has', '<= its least', '>= its largest' the share true of one train row less the share true of one holdout row
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.nearness import Nearness
from mintmark.stats.cart import TableModel
from mintmark.stats.columns import Column, codes_of, decode, encode
from mintmark.stats.features import kind_of
from mintmark.stats.parts import part_of

Columns = dict[str, list[Any]]
Maker = Callable[[Columns, Columns, str, int], Columns]


def synthesize(train: Columns, holdout: Columns, target: str, seed: int) -> Columns:
    return TableModel.fit(train, target=target, seed=seed).sample(len(train[target]), seed)


def independent(train: Columns, holdout: Columns, target: str, seed: int) -> Columns:
    rng = random.Random(seed)
    return {c: rng.sample(v, len(v)) for c, v in train.items()}


def bootstrap(train: Columns, holdout: Columns, target: str, seed: int) -> Columns:
    n = len(train[target])
    drawn = random.Random(seed).choices(range(n), k=n)
    return {c: [v[i] for i in drawn] for c, v in train.items()}


def real_half(train: Columns, holdout: Columns, target: str, seed: int) -> Columns:
    return train


def leaf_5(train: Columns, holdout: Columns, target: str, seed: int) -> Columns:
    """Sequential trees in the given order, leaves of 5, a donor's value as it is: synthpop's default shape."""
    rng, n = np.random.default_rng(seed), len(train[target])
    parts = {c: part_of(c, v) for c, v in train.items()}
    own: list[Column] = [encode(sub, cells) for c, v in train.items() for sub, cells in parts[c].apart(v).items() if kind_of(cells) != "id"]
    made: dict[str, Any] = {}
    for k, c in enumerate(own):
        leaves, at = np.zeros(n, int), np.zeros(n, int)
        if k:
            tree = (DecisionTreeClassifier if c.kind == "category" else DecisionTreeRegressor)(min_samples_leaf=5, random_state=0)
            x = np.column_stack([p.values for p in own[:k]]).astype(float)
            tree.fit(x, np.nan_to_num(c.values, nan=-1.0) if c.kind != "category" else c.values)
            leaves, at = tree.apply(x), tree.apply(np.column_stack([made[p.name] for p in own[:k]]).astype(float))
        donors = {leaf: np.flatnonzero(leaves == leaf) for leaf in np.unique(leaves)}
        made[c.name] = c.values[[rng.choice(donors[leaf]) for leaf in at]]
    cells = {c.name: decode(c, made[c.name]) for c in own}
    return {c: part.join(cells) for c, part in parts.items() if c in cells}


MAKERS: dict[str, Maker] = {
    "independent": independent, "bootstrap copy": bootstrap, "real half": real_half, "leaf-5 CART": leaf_5, "synthesize": synthesize,
}  # fmt: skip


# -- measures ----------------------------------------------------------------------------------------------------------
def arrays(tables: list[Columns], reference: Columns) -> tuple[list[Any], list[bool]]:
    """Each table as a matrix of numbers and codes, and which columns are words."""
    stacks: list[list[Any]] = [[] for _ in tables]
    words = []
    for name, cells in reference.items():
        if name not in tables[0] or kind_of(cells) == "id":
            continue
        part = part_of(name, cells)
        for sub, own in part.apart([c for t in (reference, *tables) for c in t[name]]).items():
            column = encode(sub, own)
            words.append(column.kind == "category")
            for stack, table in zip(stacks, tables, strict=True):
                stack.append(codes_of(column, part.apart(table[name])[sub]).astype(float))
    return [np.column_stack(s) for s in stacks], words


def few(x: Any, words: list[bool]) -> list[bool]:
    return [w and x[:, j].max() < 255 for j, w in enumerate(words)]


def c2st(made: Any, holdout: Any, words: list[bool]) -> float:
    x = np.vstack([made, holdout])
    y = np.r_[np.ones(len(made)), np.zeros(len(holdout))]
    model = HistGradientBoostingClassifier(categorical_features=few(x, words), random_state=0)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return float(roc_auc_score(y, cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]))


def tstr(made: Any, made_y: list[Any], holdout: Any, y: list[Any], words: list[bool]) -> float:
    categorical = few(np.vstack([made, holdout]), words)
    if all(isinstance(v, float) for v in y):
        return float(r2_score(y, HistGradientBoostingRegressor(categorical_features=categorical, random_state=0).fit(made, made_y).predict(holdout)))
    model = HistGradientBoostingClassifier(categorical_features=categorical, random_state=0).fit(made, [str(v) for v in made_y])
    told = [str(v) for v in y]
    if len(model.classes_) == 2:
        return float(roc_auc_score([v == model.classes_[1] for v in told], model.predict_proba(holdout)[:, 1]))
    return float(accuracy_score(told, model.predict(holdout)))


def singled_out(made: Any, train: Any, holdout: Any) -> tuple[float, float]:
    """(share of guesses true of one train row less that of one holdout row, half its 95 % interval)."""
    true = []
    for m, t, h in zip(made.T, train.T, holdout.T, strict=True):
        values, counts = np.unique(m[~np.isnan(m)], return_counts=True)
        for v in values[counts == 1]:
            true.append(((t == v).sum() == 1, (h == v).sum() == 1))
        if len(values):
            true += [((t <= values[0]).sum() == 1, (h <= values[0]).sum() == 1), ((t >= values[-1]).sum() == 1, (h >= values[-1]).sum() == 1)]
    more = np.subtract(*np.asarray(true, float).T)
    return float(more.mean()), float(1.96 * more.std() / len(more) ** 0.5)


def measure(made: Columns, train: Columns, holdout: Columns, target: str) -> dict[str, float]:
    both = {c: train[c] + holdout[c] for c in made}
    (m, t, h), words = arrays([made, train, holdout], both)
    features = {c: v for c, v in both.items() if c != target}
    (mx, hx), fwords = arrays([{c: made[c] for c in features}, {c: holdout[c] for c in features}], features)
    out = {"c2st": c2st(m, h, words), "tstr": tstr(mx, made[target], hx, holdout[target], fwords)}
    near = Nearness(size=len(t)).measure(Tables(*(Data(x) for x in (made, {c: train[c] for c in made}, {c: holdout[c] for c in made}))), Context())
    out.update({m.metric.removeprefix("privacy."): float(m.value) for m in near if m.metric in ("privacy.dcr_share", "privacy.mia_auc") and m.value is not None})
    known = set(zip(*(train[c] for c in made), strict=True))
    out["copy"] = sum(row in known for row in zip(*made.values(), strict=True))
    out["copy of holdout"] = sum(row in known for row in zip(*(holdout[c] for c in made), strict=True))
    out["single"], out["± single"] = singled_out(m, t, h)
    return out


# -- tables ------------------------------------------------------------------------------------------------------------
def read_csv(path: Path) -> Columns:
    def value(text: str) -> Any:
        if text == "":
            return None
        if text in ("True", "False"):
            return text == "True"
        for make in (int, float):
            try:
                return make(text)
            except ValueError:
                continue
        return text

    rows = list(csv.DictReader(path.open()))
    return {c: [value(r[c]) for r in rows] for c in rows[0]}


def tables(folder: Path) -> Iterator[tuple[str, Columns, str]]:
    adult = read_csv(folder / "adult_ctgan/adults_train.csv")
    some = random.Random(0).sample(range(len(adult["income"])), 10_000)
    yield "adult", {c: [v[i] for i in some] for c, v in adult.items()}, "income"
    placed = read_csv(folder / "sdmetrics_demo/student_placements_real.csv")
    yield "placements", {c: v for c, v in placed.items() if c != "student_id"}, "placed"
    for name in ("breast_cancer", "wine", "diabetes"):
        found = getattr(datasets, f"load_{name}")(**({"scaled": False} if name == "diabetes" else {}))
        columns: Columns = {str(c): found.data[:, j].tolist() for j, c in enumerate(found.feature_names)}
        yield name, {**columns, "target": [float(v) if name == "diabetes" else f"class {v}" for v in found.target]}, "target"


def compare(folder: Path, only: str | None, makers: list[str], splits: int, draws: int) -> None:
    shown = ("c2st", "tstr", "dcr_share", "mia_auc", "copy", "copy of holdout", "single", "± single", "cpu s")
    print(f"{'table':<14} {'rows':<15} {'n':>5} " + " ".join(f"{s:>15}" for s in shown))
    for name, columns, target in tables(folder):
        if only not in (None, name):
            continue
        n = len(columns[target])
        for maker in makers:
            found: list[dict[str, float]] = []
            for split in range(splits):
                order = random.Random(split).sample(range(n), n)
                train, holdout = ({c: [v[i] for i in half] for c, v in columns.items()} for half in (order[: n // 2], order[n // 2 : n // 2 * 2]))
                for draw in range(draws if maker in ("synthesize", "leaf-5 CART") else 1):
                    began = time.process_time()
                    made = MAKERS[maker](train, holdout, target, 100 * split + draw)
                    cpu = time.process_time() - began
                    found.append({**measure(made, train, holdout, target), "cpu s": cpu})
            cells = []
            for s in shown:
                values = [f[s] for f in found]
                cells.append(f"{statistics.mean(values):.3f} ±{statistics.stdev(values) if len(values) > 1 else 0:.3f}")
            print(f"{name:<14} {maker:<15} {n // 2:>5} " + " ".join(f"{c:>15}" for c in cells), flush=True)


def cost(folder: Path) -> None:
    """What the issue asks of Adult: fit and 10,000 rows, each the least of three."""
    _, columns, target = next(tables(folder))
    half = {c: v[:5_000] for c, v in columns.items()}
    fits, draws = [], []
    for seed in range(3):
        began = time.process_time()
        model = TableModel.fit(half, target=target, seed=seed)
        fits.append(time.process_time() - began)
        began = time.process_time()
        model.sample(10_000, seed)
        draws.append(time.process_time() - began)
    print(f"adult, 5,000 rows x 15: fit {min(fits):.2f} CPU s; 10,000 rows {min(draws):.2f} CPU s")


def big(n: int = 1_000_000) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(n, 4))
    columns: Columns = {f"number {j}": np.round(z @ rng.normal(size=4) + rng.normal(size=n), 2).tolist() for j in range(8)}
    for j in range(7):
        codes = np.clip((z[:, j % 4] + rng.normal(size=n)) * 3 + 10, 0, 20).astype(int)
        columns[f"word {j}"] = np.asarray([f"level {k}" for k in range(21)], object)[codes].tolist()
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    began = time.process_time()
    model = TableModel.fit(columns, target="word 0", seed=0)
    middle = time.process_time()
    made = model.sample(n, 0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{n:,} rows x {len(columns)}: fit {middle - began:.0f} CPU s, {len(made['word 0']):,} rows in {time.process_time() - middle:.0f} CPU s, "
        f"peak {peak:.2f} GiB (of which {base:.2f} GiB the table itself)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--makers", nargs="*", default=list(MAKERS), choices=list(MAKERS))
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--big", action="store_true")
    told = parser.parse_args()
    if told.big:
        big()
    else:
        compare(told.data, told.only, told.makers, told.splits, told.draws)
        cost(told.data)
