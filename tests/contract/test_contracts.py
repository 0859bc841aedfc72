"""The laws, on everything that walking the package finds: an op, metric or port implementation without an example here fails."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from examples import OPS, REAL, ROWS, context

from mintmark import catalogue
from mintmark.core.context import Context
from mintmark.core.errors import MissingExtra
from mintmark.core.metric import Data, Tables
from mintmark.core.op import Op, Scene, Scope
from mintmark.core.ports import Embedder, Fetcher, Fitted, Learner, Model, Sandbox
from mintmark.core.rows import Row
from mintmark.prompting import Asking
from mintmark.prompting.asking import COUNTS
from mintmark.testing import check_metric, check_op, check_store


@pytest.mark.parametrize("op", OPS, ids=lambda op: f"{op.name}-{op.fingerprint()[:4]}")
def test_op(op: Any) -> None:
    check_op(op, [] if op.scope is Scope.SOURCE else ROWS, context())


@pytest.mark.parametrize("op", [op for op in OPS if hasattr(op, "learner")], ids=lambda op: f"{op.name}-{op.fingerprint()[:4]}")
def test_a_learner_that_is_named_is_declared(op: Any) -> None:
    """So that one that is not there is refused before the run."""
    assert replace(op, learner="own").learns() == ("own",) and replace(op, learner=None).learns() == ()


@pytest.mark.parametrize("op", [op for op in OPS if isinstance(op, Asking)], ids=lambda op: f"{op.name}-{op.fingerprint()[:4]}")
def test_numbers_that_no_provider_takes_are_refused_in_words(op: Any) -> None:
    """So a subclass whose own __post_init__ forgets its parent's fails here."""
    wrong = [("temperature", -3.0), ("temperature", float("nan")), *((name, low) for name in COUNTS for low in (0, -1))]
    for name, value in wrong:
        if hasattr(op, name):
            with pytest.raises(ValueError, match=f"{name} is {value:g}, expected"):
                replace(op, **{name: value})


def test_every_op_has_an_example() -> None:
    assert {c.name for c in catalogue.ops()} == {op.name for op in OPS}


@pytest.mark.parametrize("cls", catalogue.metrics(), ids=lambda c: c.name)
def test_metric(cls: Any) -> None:
    columns = {k: list(v) for k, v in REAL.data.items()}
    columns["least"] = [size - i % 3 for i, size in enumerate(columns["size"])]  # least <= size is a rule
    synthetic = Data(
        {**columns, "text": [t.replace("real", "made") + (" for her" if i % 3 else " for him") for i, t in enumerate(columns["text"])]}
    )
    judged = [
        {"a": 0, "b": 1, "ab": "ab"[i % 3 > 1], "ba": "ab"[i % 2], "winner": "tie", "votes_ab": ["a", "ab"[i % 2]]} for i in range(60)
    ]
    cited = [{"sentence": "It is.", "cites": [1], "recall": i % 3 > 0, "counted": 1, "precise": int(i % 3 > 0)} for i in range(60)]
    probed = {"more_first": {"more": 0.6, "less": 0.4}, "less_first": {"more": 0.5, "less": 0.3}}
    more = {
        "agreement": [i / 60 for i in range(60)],
        "correct": [i % 60 > 20 for i in range(60)],
        "comparisons": [[j] for j in judged],
        "gold": ["ab"[i % 5 > 2] for i in range(60)],
        "citations": [[c] for c in cited],
        "worked": [f"<<{i}+1={i + 1}>>" for i in range(60)],
        "probe": [probed] * 60,
        "query": [f"number {i}" for i in range(60)],
        "passage": columns["text"],
        "problem": [i // 12 for i in range(60)],
        "turns": [[{"code": "x", "verdict": v, "feedback": ""} for v in ("failed", "passed")[: 1 + i % 2]] for i in range(60)],
        "verdict": ["failed", "passed"] * 30,
        "agreement_rank": [1 + i % 4 for i in range(60)],
    }
    synthetic = Data({**synthetic.columns, **more})
    tables = Tables(synthetic, Data(columns), Data({k: v[:30] for k, v in columns.items()}), "label", "text")
    ctx = context()
    ctx = replace(ctx, tables={**ctx.tables, "canaries_in": REAL, "canaries_out": REAL})
    assert check_metric(cls(), tables, ctx), f"{cls.name} measured nothing on a table that has all it needs"


def test_stores(tmp_path: Path) -> None:
    from mintmark.stores.folder import FolderStore
    from mintmark.stores.memory import MemoryStore

    assert {c for c in catalogue.walk_classes("stores") if c.__name__.endswith("Store")} == {FolderStore, MemoryStore}
    check_store(MemoryStore)
    check_store(lambda: FolderStore(tmp_path / "b"), lambda: FolderStore(tmp_path / "b"))


def test_learners() -> None:
    columns = {k: list(v) for k, v in REAL.data.items()}
    classes = [c for c in catalogue.walk_classes("learners") if c.__name__.endswith("Learner")]
    extras = {"torch_net": "torch", "transformer": "transformers"}
    assert len(classes) == 4
    for cls in classes:
        learner = cls()
        assert isinstance(learner, Learner)
        extra = extras.get(learner.name)
        if extra is not None and importlib.util.find_spec(extra) is None:
            with pytest.raises(MissingExtra, match=rf"pip install 'mintmark\[{extra}\]'"):
                learner.fit({"text": columns["text"]}, columns["label"])
            continue
        if learner.name == "transformer":
            continue  # needs a pretrained folder: tests/learners/test_transformer.py makes one
        features = {"size": columns["size"], "label": columns["label"]} if learner.name == "boosting" else {"text": columns["text"]}
        target = ["hi" if s > 8 else "lo" for s in columns["size"]] if learner.name == "boosting" else columns["label"]
        fitted = learner.fit(features, target, seed=1)
        assert isinstance(fitted, Fitted)
        proba = fitted.proba(features)
        assert proba.shape == (60, 2) and abs(float(proba.sum()) - 60) < 1e-6
        right = sum(a == b for a, b in zip(fitted.predict(features), target))
        assert right > 50
        number = learner.fit(features, columns["size"], task="regression")
        assert len(number.predict(features)) == 60 and not number.classes
        alone = learner.fit(features, ["x"] * 60)
        assert list(alone.predict(features)) == ["x"] * 60
        unseen = {k: [None if isinstance(c, str) else c for c in v] for k, v in features.items()}
        assert len(fitted.predict(unseen)) == 60


def test_fetchers_follow_their_port() -> None:
    for cls in catalogue.walk_classes("fetchers"):
        if hasattr(cls, "fetch"):
            assert all(hasattr(cls, name) for name in ("name", "aclose")), cls
    assert isinstance(context().fetcher, Fetcher)


def test_sandboxes_follow_their_port() -> None:
    for cls in catalogue.walk_classes("sandboxes"):
        if cls.__name__.endswith("Sandbox"):
            assert all(hasattr(cls, name) for name in ("tier", "run", "aclose")), cls
    assert isinstance(context().sandbox, Sandbox)


def test_embedders_and_models_follow_their_ports() -> None:
    from mintmark.embedders.tfidf import TfidfEmbedder

    for cls in catalogue.walk_classes("embedders"):
        assert all(hasattr(cls, name) for name in ("fit", "embed", "aclose")), cls
    embedder = TfidfEmbedder()
    assert isinstance(embedder, Embedder)
    vectors = asyncio.run(embedder.embed(["a b c d", "a b c e", "x y z w"]))
    assert len(vectors) == 3 and len({len(v) for v in vectors}) == 1
    for cls in catalogue.walk_classes("models"):
        if hasattr(cls, "complete"):
            assert all(hasattr(cls, name) for name in ("decode", "aclose")), cls
    assert isinstance(context().models["writer"], Model)


def test_every_op_and_metric_is_documented() -> None:
    for cls in catalogue.ops():
        assert cls.__module__.rpartition(".")[2] == cls.name, f"{cls.name} must stand in a file of its name"
        assert (catalogue.listing("ops") and cls.__doc__) is not None
        told = sys.modules[cls.__module__].__doc__ or ""
        for reason in cls.drops:
            assert reason in told, f"{cls.name}: the docstring of its file does not name the drop '{reason}'"
    for metric in catalogue.metrics():
        assert metric.gives and all(name.startswith(f"{metric.family}.") for name in metric.gives)


class _Peeks(Op):
    """Reads a column, a table and a model that it does not declare, one at a time."""

    name: ClassVar[str] = "peeks"
    scope: ClassVar[Scope] = Scope.EACH

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("seen",)


@dataclass(frozen=True)
class PeeksAtColumn(_Peeks):
    def each(self, row: Row, ctx: Context) -> Row:
        return row.with_values({"seen": row.values.get("text")})


@dataclass(frozen=True)
class PeeksAtTable(_Peeks):
    def each(self, row: Row, ctx: Context) -> Row:
        return row.with_values({"seen": len(ctx.tables)})


@dataclass(frozen=True)
class PeeksAtModel(_Peeks):
    def each(self, row: Row, ctx: Context) -> Row:
        return row.with_values({"seen": ctx.model("writer").name})


@pytest.mark.parametrize("cls", [PeeksAtColumn, PeeksAtTable, PeeksAtModel])
def test_what_is_not_declared_is_found(cls: Any) -> None:
    with pytest.raises(AssertionError, match=r"peeks (reads|uses) .*not declare"):
        check_op(cls(), ROWS, context())
