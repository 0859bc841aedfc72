"""How good is `synthesize`, measured: fidelity, C2ST, TSTR, nearness and membership on tables, TSTR/TRTR and copies on short texts.

    python bench/synthesize.py [--adult DIR] [--banking DIR] [--seeds 3]

Definitions: docs/methods.md. Ceiling = the real train half as "synthetic". Tables are split 50/50 (seed 0); texts: N rows of train.csv
against test.csv. Data sets that are absent are skipped, saying so.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_predict

from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.copies import Copies
from mintmark.evaluate.nearness import Nearness
from mintmark.learners.linear import LinearLearner
from mintmark.stats.cart import TableModel
from mintmark.stats.intervals import auc
from mintmark.stores.tables import read_table
from mintmark.text.ngram_model import NgramModel
from mintmark.text.shingles import fold, near_copies

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def matrix(columns: dict[str, list[Any]], like: dict[str, list[Any]]) -> tuple[np.ndarray, list[bool]]:
    out, categories = [], []
    for name, cells in columns.items():
        if all(isinstance(c, (int, float, type(None))) for c in like[name]):
            out.append([np.nan if c is None else float(c) for c in cells])
            categories.append(False)
        else:
            levels = {v: i for i, v in enumerate(sorted({str(c) for c in like[name]})[:254])}
            out.append([levels.get(str(c), 254) for c in cells])
            categories.append(True)
    return np.asarray(out, float).T, categories


def table_figures(train: dict[str, list[Any]], held: dict[str, list[Any]], made: dict[str, list[Any]], target: str) -> dict[str, float]:
    (a, cat), (b, _), (s, _) = matrix(train, train), matrix(held, train), matrix(made, train)
    n = min(len(b), len(s))
    both, label = np.vstack([b[:n], s[:n]]), np.r_[np.zeros(n), np.ones(n)]
    order = np.random.default_rng(0).permutation(2 * n)
    learner = HistGradientBoostingClassifier(categorical_features=cat, random_state=0)
    scores = cross_val_predict(learner, both[order], label[order], cv=5, method="predict_proba")[:, 1]
    t = list(train).index(target)
    rest = [i for i in range(a.shape[1]) if i != t]
    fit = HistGradientBoostingClassifier(categorical_features=[cat[i] for i in rest], random_state=0).fit(
        s[:, rest], s[:, t] == a[:, t].max()
    )
    tstr = auc(fit.predict_proba(b[:, rest])[:, 1], b[:, t] == a[:, t].max())
    data = Tables(Data(made), Data(train), Data(held))
    near = {m.metric: m.value for m in Nearness().measure(data, Context())}
    copies = {m.metric: m.value for m in Copies().measure(data, Context())}
    return {
        "c2st": auc(scores, label[order]),
        "tstr": tstr,
        "dcr_share": near["privacy.dcr_share"],
        "mia": near["privacy.mia_auc"],
        "copies": copies["privacy.copies"],
        "by_chance": copies["privacy.copies_holdout"],
    }


def tables(args: argparse.Namespace) -> list[dict[str, Any]]:
    found: list[tuple[str, dict[str, list[Any]], str]] = []
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    breast = {str(n).replace(" ", "_"): data.data[:, j].tolist() for j, n in enumerate(data.feature_names)}
    breast["malignant"] = ["yes" if t == 0 else "no" for t in data.target]
    found.append(("breast", breast, "malignant"))
    path = args.adult / "adults_train.csv"
    if path.exists():
        table = read_table("adult", path)
        index = np.random.default_rng(0).choice(len(table), 10_000, replace=False).tolist()
        part = table.take(index)
        found.append(("adult", {c: part.column(c) for c in part.columns}, "income"))
    else:
        print(f"adult: {path} is absent, skipped")
    out = []
    for name, columns, target in found:
        n = len(columns[target])
        order = np.random.default_rng(0).permutation(n).tolist()
        train = {c: [v[i] for i in order[: n // 2]] for c, v in columns.items()}
        held = {c: [v[i] for i in order[n // 2 :]] for c, v in columns.items()}
        out.append({"table": name, "rows": "real train", **table_figures(train, held, train, target)})
        for seed in range(args.seeds):
            began = time.process_time()
            model = TableModel.fit(train, target=target, seed=seed)
            fitted = time.process_time()
            made = model.sample(n // 2, seed)
            cpu = {"fit_cpu_s": fitted - began, "sample_cpu_s": time.process_time() - fitted}
            out.append({"table": name, "rows": f"synthetic {seed}", **table_figures(train, held, made, target), **cpu})
    return out


def texts(args: argparse.Namespace) -> list[dict[str, Any]]:
    if not (args.banking / "train.csv").exists():
        print(f"banking77: {args.banking} is absent, skipped")
        return []
    rows = list(csv.DictReader((args.banking / "train.csv").open()))
    test = list(csv.DictReader((args.banking / "test.csv").open()))
    test_texts, test_labels = [r["text"] for r in test], [r["category"] for r in test]
    out = []
    for n in (1_000, 5_000):
        for seed in range(args.seeds):
            real = random.Random(seed).sample(rows, n)
            table = {k: [r[k] for r in real] for k in ("text", "category")}
            began = time.process_time()
            made = TableModel.fit(table, target="category", seed=seed, text_model=NgramModel.fit).sample(n, seed)
            cpu = time.process_time() - began
            kept = [i for i, t in enumerate(made["text"]) if t]
            made = {k: [v[i] for i in kept] for k, v in made.items()}

            def accuracy(data: dict[str, list[Any]]) -> float:
                fitted = LinearLearner().fit({"text": data["text"]}, data["category"])
                return float(np.mean([a == b for a, b in zip(fitted.predict({"text": test_texts}), test_labels)]))

            trtr, tstr = accuracy(table), accuracy(made)
            known = {fold(t) for t in table["text"]}
            near = [np.mean([x is not None for x in near_copies(t, table["text"])]) for t in (made["text"], test_texts)]
            out.append(
                {"rows": n, "seed": seed, "trtr": trtr, "tstr": tstr, "ratio": tstr / trtr, "copies": sum(fold(t) in known for t in made["text"]),
                 "near": near[0], "near_test": near[1], "refused": n - len(kept), "cpu_s": cpu}
            )  # fmt: skip
    return out


def show(lines: list[dict[str, Any]]) -> None:
    if not lines:
        return
    names = list(dict.fromkeys(k for line in lines for k in line))
    print("  ".join(f"{n:>12}" for n in names))
    for line in lines:
        print("  ".join(f"{line.get(n, ''):>12.4f}" if isinstance(line.get(n), float) else f"{line.get(n, '')!s:>12}" for n in names))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--adult", type=Path, default=SHARED / "adult_ctgan")
    parser.add_argument("--banking", type=Path, default=SHARED / "banking77")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    result = {"tables": tables(given), "texts": texts(given)}
    for part in result.values():
        show(part)
    print(json.dumps(result))
