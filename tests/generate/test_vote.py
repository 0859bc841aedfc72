"""vote and elect: Private Evolution finds private rows through noisy votes alone, and nothing of them reaches a model."""

from __future__ import annotations

import asyncio
import math
import os
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import PrivacyError, RecipeError
from mintmark.core.op import State
from mintmark.core.ports import Allowance
from mintmark.core.rows import Batch, Tally, row_id
from mintmark.generate.vote import Vote
from mintmark.models.scripted import ScriptedModel
from mintmark.noise.scripted import ScriptedReleaser
from mintmark.stats.divergence import frechet_of
from mintmark.stats.gaussian_dp import mu_for, mu_of
from mintmark.stats.private_votes import grid, histogram, pick, shares
from mintmark.stores.tables import read_table

pytest.importorskip("opendp", reason="opendp is not installed")
BUDGET = {"epsilon": 1.0, "delta": 1e-4}


class Angles:
    """An embedder for an oracle: a text is an angle, its vector a point of the circle."""

    name, local, pure = "angles", True, True

    def fit(self, texts: Sequence[str]) -> Angles:
        return self

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[math.cos(a), math.sin(a)] for a in (float(re.findall(r"-?\d+\.\d+", t)[-1]) for t in texts)]

    async def aclose(self) -> None:
        pass


def private_rows(n: int = 4_000, seed: int = 5) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    return [{"text": f"PRIVATE{k} angle {rng.gauss((0.6, 1.4)[k % 2], 0.05):.4f}", "who": k // 2} for k in range(n)]


def oracle(seen: list[str]) -> ScriptedModel:
    """First drafts anywhere on the circle; a variation is its parent, jittered."""

    def answer(request: Any) -> str:
        text = request.messages[-1]["content"]
        seen.append(text)
        rng = random.Random(request.seed)
        told = re.findall(r"angle (-?\d+\.\d+)", text)
        return f"angle {float(told[-1]) + rng.gauss(0, 0.15):.4f}" if told else f"angle {rng.uniform(-math.pi, math.pi):.4f}"

    return ScriptedModel(answer)


def evolve(epsilon: float, out: Path, seen: list[str], home: str = "home", at_most: int = 5, **vote: Any) -> Any:
    os.environ["MINTMARK_HOME"] = str(out.parent / home)
    given = mm.load(
        {
            "name": "evolve",
            "steps": [
                {
                    "repeat": {
                        "at_most": at_most,
                        "steps": [
                            {"vote": {"from": "real", "column": "text", "rows": 40, "rounds": 4, "share": 0.8, "children": 3, "embedder": "angles",
                                      "about": "an angle", **vote}},
                            {"write": {"column": "text", "prompt": {"built_in": "private_evolution"}}},
                        ],
                    }
                },
                {"elect": {"from": "real", "column": "text", "rows": 40, "share": 0.2, "embedder": "angles"}},
            ],
        }
    )  # fmt: skip
    ports = {"models": {"writer": oracle(seen)}, "embedders": {"angles": Angles()}}
    table = {"path": private_rows(), "budget": {"epsilon": epsilon, "delta": 1e-4}}
    return mm.run(replace(given, tables={"real": table}, **ports), out=out)


def distance(rows: list[dict[str, Any]]) -> float:
    """Squared Frechet distance of the synthetic points from the private ones."""
    points = [np.asarray(asyncio.run(Angles().embed([r["text"] for r in part]))) for part in (rows, private_rows())]
    return float(frechet_of(*points))


def test_finds_the_private_rows_at_epsilon_1_and_nothing_through_boundless_noise(tmp_path: Path) -> None:
    seen: list[str] = []
    run = evolve(1.0, tmp_path / "one", seen)
    blind = evolve(0.001, tmp_path / "blind", [], home="second")
    drafts = evolve(1.0, tmp_path / "drafts", [], home="third", rounds=1)
    assert run.status == blind.status == "complete" and len(run.rows()) == len(blind.rows()) == 40
    near, far = distance(run.rows()), distance(blind.rows())
    assert near < 0.1 < 0.4 < far, (near, far)
    assert near < distance(drafts.rows()), "more rounds come nearer"
    (told,) = run.manifest["releases"]
    assert told["releases"] == 5 and told["epsilon"] == pytest.approx(1.0, rel=1e-6) and told["epsilon_allowed"] == 1.0
    assert seen and not any("PRIVATE" in text for text in seen), "no private row stands in a prompt"
    assert not [f for f in (tmp_path / "one").rglob("*") if f.is_file() and b"PRIVATE" in f.read_bytes()], "nor in a file of the run"


def test_resumed_in_the_middle_it_asks_and_spends_nothing_twice(tmp_path: Path) -> None:
    whole = evolve(1.0, tmp_path / "run", [])
    (file,) = (tmp_path / "home" / "spending").iterdir()
    charged = file.read_bytes()
    for name in ("data.jsonl", "data.parquet", "ledger.parquet"):
        (tmp_path / "run" / name).unlink()
    for part in (tmp_path / "run" / "rows").iterdir():
        part.unlink()
    seen: list[str] = []
    again = evolve(1.0, tmp_path / "run", seen)
    assert again.rows() == whole.rows() and not seen and file.read_bytes() == charged
    assert again.manifest["releases"] == whole.manifest["releases"]


def test_a_second_run_finds_the_budget_spent_and_calls_nothing_more(tmp_path: Path) -> None:
    evolve(1.0, tmp_path / "run", [])
    seen: list[str] = []
    with pytest.raises(PrivacyError, match="epsilon 1 of 1 at delta 0.0001 is spent by this and earlier runs; this run would take 1 more"):
        evolve(1.0, tmp_path / "other", seen)
    assert not seen


def test_lookahead_votes_by_the_mean_of_variations_which_are_asked_for_once(tmp_path: Path) -> None:
    seen: list[str] = []
    run = evolve(1.0, tmp_path / "run", seen, at_most=7, rounds=3, lookahead=2)
    assert run.status == "complete" and len(run.rows()) == 40 and distance(run.rows()) < 0.15
    drafts, children = 120, 80
    assert len(seen) == drafts * 3 + 2 * children * 3 + children, "no variations to look ahead from the last ones, which no vote follows"
    (told,) = run.manifest["releases"]
    assert told["releases"] == 4 and told["epsilon"] == pytest.approx(1.0, rel=1e-6)
    for name in ("data.jsonl", "data.parquet", "ledger.parquet"):
        (tmp_path / "run" / name).unlink()
    for part in (tmp_path / "run" / "rows").iterdir():
        part.unlink()
    again: list[str] = []
    assert evolve(1.0, tmp_path / "run", again, at_most=7, rounds=3, lookahead=2).rows() == run.rows() and not again


def test_a_candidate_is_voted_for_by_the_mean_of_its_variations() -> None:
    """By itself the first candidate is nearest; by where its variations lie the second is."""
    op = Vote("real", "text", rows=1, embedder="angles", rounds=1, lookahead=2)
    table = read_table("real", [{"text": "angle 0.00"}] * 9, private=True)
    table.allowance = Allowance("real", table.digest, 1.0, 1e-2, 9)
    ctx = Context(tables={"real": table}, embedders={"angles": Angles()}, releaser=ScriptedReleaser(), label="vote")
    kept = [("a", "angle 0.01", 1), ("b", "angle 0.50", 1)]
    kept += [
        (row_id("vote", "lookahead", of, k), text, 2)
        for of, k, text in (("a", 0, "angle 2.50"), ("a", 1, "angle 2.60"), ("b", 0, "angle -0.10"), ("b", 1, "angle 0.10"))
    ]

    def chosen(rows: list[tuple[str, str, int]]) -> Any:
        def scan(names: Sequence[str]) -> Any:
            columns = {"text": [t for _, t, _ in rows], "group": [None] * len(rows), "round": [r for *_, r in rows]}
            yield Batch([(k, 0) for k in range(len(rows))], [i for i, *_ in rows], columns)

        fresh = ctx.at("vote", "", Tally())
        fresh.cache.clear()
        asyncio.run(op.ready(fresh, State(3, {}, {}, {}, scan)))
        return fresh.cache["vote", "parents"][1][0][0]

    assert chosen(kept) == "b" and chosen(kept[:2]) == "a"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"share": 0.9}, "together 1.1, expected at most 1"),
        ({"share": 0}, "share is 0"),
        ({"label": "topic"}, "label and labels go together"),
        ({"labels": ["a"], "label": "topic"}, "real.topic"),
        ({"children": 1}, "children at least 2"),
        ({"lookahead": -1}, "lookahead and threshold must be 0 or more"),
        ({"threshold": math.nan}, "lookahead and threshold must be 0 or more"),
        ({"label": "who", "labels": [1, "1"]}, "labels must hold different levels"),
        ({"variations": ["shorten"]}, "variations must be some of"),
        ({"embedder": "tfidf"}, "would learn from private rows"),
    ],
)
def test_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises((RecipeError, PrivacyError), match=words):
        evolve(1.0, tmp_path / "run", [], **change)


def test_a_want_that_would_end_the_loop_before_the_votes_is_refused(tmp_path: Path) -> None:
    steps = [
        {"vote": {"from": "real", "column": "text", "rows": 4}},
        {"write": {"column": "text", "prompt": {"built_in": "private_evolution"}}},
    ]
    given = mm.load({"name": "w", "want": 4, "steps": [{"repeat": {"at_most": 3, "steps": steps}}]})
    given = replace(
        given, models={"writer": oracle([])}, tables={"real": {"path": private_rows(50), "budget": {"epsilon": 1, "delta": 1e-3}}}
    )
    with pytest.raises(RecipeError, match="before private rows have voted"):
        mm.check(given)


def test_a_remote_embedder_is_refused_whatever_is_allowed(tmp_path: Path) -> None:
    class Remote(Angles):
        local = False

    given = mm.load({"name": "remote", "steps": [{"vote": {"from": "real", "column": "text", "rows": 4, "embedder": "away"}}]})
    given = replace(given, embedders={"away": Remote()}, allow_private=("away",))
    with pytest.raises(PrivacyError, match="no allow_private changes that"):
        mm.check(replace(given, tables={"real": {"path": private_rows(), "budget": BUDGET}}))


vectors = st.integers(0, 10_000).map(lambda s: np.random.default_rng(s).standard_normal((12, 4)))


@given(
    vectors, st.lists(st.integers(0, 4), min_size=12, max_size=12), st.lists(st.integers(0, 1), min_size=12, max_size=12), st.integers(0, 4)
)
def test_one_person_moves_the_histogram_by_at_most_one(private: Any, people: list[int], labels: list[int], who: int) -> None:
    candidates, groups = grid(np.random.default_rng(0).standard_normal((7, 4))), [0, 1, 0, 1, 0, 1, 1]
    unit = grid(private)
    full = histogram(unit, candidates, people, labels, groups)
    rest = [i for i in range(12) if people[i] != who]
    without = histogram(unit[rest], candidates, [people[i] for i in rest], [labels[i] for i in rest], groups)
    assert np.linalg.norm(full - without) <= 1 + 1e-9
    assert histogram(unit, candidates, range(12), labels, groups).sum() == 12, "one row, one vote"


def test_shares_and_picks() -> None:
    assert shares(7, ["a", "b", "c"]) == {"a": 3, "b": 2, "c": 2} and shares(10, ["a", "b"], {"a": 3, "b": 1}) == {"a": 8, "b": 2}
    noisy, groups = [5.0, -3.0, 9.0, 1.0], ["x", "x", "y", "x"]
    assert pick(noisy, groups, {"x": 2, "y": 1}, "rank", 0.0, random.Random(0)) == [0, 3, 2]
    drawn = pick(noisy, groups, {"x": 4_000}, "prob", 0.0, random.Random(0))
    assert 1 not in drawn and abs(drawn.count(0) / 4_000 - 5 / 6) < 0.03


def test_neighbouring_data_sets_never_break_the_bound(tmp_path: Path) -> None:
    """The strongest attack there is on one release: who is in is told by the votes' component along what the person changes."""
    from mintmark.noise.gaussian import add_noise

    epsilon, delta, times = 1.0, 1e-2, 3_000
    sigma = 1 / mu_for(epsilon, delta)
    with_, without = (add_noise([v] * times, sigma) for v in (1.0, 0.0))
    for cut in np.linspace(-2, 6, 17):
        hit, false = (sum(x > cut for x in xs) / times for xs in (with_, without))
        slack = 4 * math.sqrt(0.25 / times)
        assert hit <= math.exp(epsilon) * false + delta + slack and 1 - false <= math.exp(epsilon) * (1 - hit) + delta + slack
    assert abs(float(np.std(with_)) - sigma) < 0.1 * sigma and mu_of([(1.0, sigma)]) == pytest.approx(mu_for(epsilon, delta))
