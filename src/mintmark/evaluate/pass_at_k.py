"""pass_at_k: how likely one of k solutions of a problem passes the tests that decide, drawn at random, and taken from the best ranks.

    steps: [..., {execute: {code: solution, tests: hidden_tests}}]                  no keep: [passed], or every row passes
    measure: [{pass_at_k: {by: problem, ks: [1, 10, 100]}}]

execution.pass_at_k: mean over problems of 1 - C(n - c, k) / C(n, k), n solutions of which c pass; the value is that of the first k, by_group has all.
execution.pass_at_k_ranked: one solution drawn from each of the k best ranks (`agree_by_execution` writes them), from the first on again where there are fewer;
where nothing of a problem has a rank, k at random.
Intervals: bootstrap of problems, percentiles widened for few. Solutions of a problem are taken as they are.
Sources: Chen et al. 2021 (2107.03374); ranked: Chen et al. 2022, CodeT (2207.10397). Not covered: weights; problems of which every row was dropped.
One line: execution.pass_at_k 0.221 [0.18, 0.27] of 164 problems; pass@10 0.504, pass@100 0.738
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.intervals import wilson
from ..stats.passing import pass_at_k, ranked_pass_at_k
from ..stats.resample import expanded_percentiles

TIMES = 2_000
Solutions = list[tuple[bool, int | None]]  # whether it passes, and its rank


@dataclass(frozen=True)
class PassAtK(Metric):
    """by: the column of the problem. verdict: the column that says which rows passed, by the word or true. rank: the column of ranks. ks: how many
    solutions are tried, 1 or more each; the first is the value."""

    by: str = "problem"
    verdict: str = "verdict"
    rank: str = "agreement_rank"
    ks: tuple[int, ...] = (1, 10, 100)
    name: ClassVar[str] = "pass_at_k"
    family: ClassVar[str] = "execution"
    gives: ClassVar[Mapping[str, str]] = {
        "execution.pass_at_k": "chance that one of k solutions of a problem passes, 0..1, higher is better; the value is that of the first k",
        "execution.pass_at_k_ranked": "the same with one solution from each of the k best ranks, 0..1, higher is better",
    }
    cites: ClassVar[tuple[str, ...]] = ("Chen et al. 2021, Evaluating large language models trained on code (2107.03374)",)

    def __post_init__(self) -> None:
        if not self.ks or min(self.ks) < 1:
            raise ValueError(f"ks is {list(self.ks)}, expected numbers of at least 1")

    def reads(self) -> tuple[str, ...]:
        return (self.by, self.verdict)

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        columns = tables.synthetic.columns
        if self.by not in columns or self.verdict not in columns:
            return []
        problems: dict[str, Solutions] = {}
        unjudged = 0
        ranks = columns.get(self.rank) or [None] * len(tables.synthetic)
        for by, verdict, rank in zip(columns[self.by], columns[self.verdict], ranks, strict=True):
            if verdict is None or verdict == "sandbox_error":
                unjudged += 1
            else:
                told = rank if isinstance(rank, int) and not isinstance(rank, bool) else None
                problems.setdefault(by if isinstance(by, str) else repr(by), []).append((verdict in ("passed", True), told))
        if not problems:
            return []
        caveats = ["over the kept rows: what a step has dropped is not in it"]
        if all(right for rows in problems.values() for right, _ in rows):
            caveats.append("every row passes: were the others dropped?")
        if unjudged:
            caveats.append(f"{unjudged:,} rows without a verdict are left out")
        out = [self._measured("execution.pass_at_k", problems, _at_random, caveats, tables.seed)]
        unranked = sum(all(rank is None for _, rank in rows) for rows in problems.values())
        if unranked < len(problems):
            if unranked:
                caveats.append(f"of {unranked:,} problems nothing has a rank: at random")
            ranked = self._measured("execution.pass_at_k_ranked", problems, _by_rank, caveats, tables.seed)
            out = [*out, ranked] if ranked and out[0] else out
        return [m for m in out if m]

    def _measured(
        self,
        metric: str,
        problems: Mapping[str, Solutions],
        chance: Callable[[Solutions, int], float | None],
        told: Sequence[str],
        seed: int,
    ) -> Measurement | None:
        """One number a k: mean and interval over the problems that have one."""
        found: dict[int, tuple[float, tuple[float, float] | None, int]] = {}
        caveats = list(told)
        for k in self.ks:
            values = [v for rows in problems.values() if (v := chance(rows, k)) is not None]
            if len(values) < len(problems):
                caveats.append(
                    f"{len(problems) - len(values):,} of {len(problems):,} problems have fewer than {k} solutions and are left out of pass@{k}"
                )
            if values:
                found[k] = (sum(values) / len(values), _interval(values, seed), len(values))
        if not found:
            return None
        value, span, n = next(iter(found.values()))
        if span is None:
            caveats.append("one problem has no interval")
        points = [[k, v, *(s or (None, None))] for k, (v, s, _) in sorted(found.items())]
        picture = {
            "kind": "lines",
            "title": "How many problems are solved by one of k solutions",
            "x": "k solutions tried",
            "y": "share of problems",
            "log_x": True,
            "series": [{"name": metric.partition(".")[2], "role": "synthetic", "points": points}],
        }
        detail = {"ks": list(found), "intervals": {f"pass@{k}": list(s) for k, (_, s, _) in found.items() if s}}
        groups = {f"pass@{k}": v for k, (v, _, _) in found.items()}
        return Measurement(metric, value, "share", n, span, "higher", groups, tuple(caveats), detail, picture)


def _at_random(rows: Solutions, k: int) -> float | None:
    return pass_at_k(len(rows), sum(right for right, _ in rows), k) if k <= len(rows) else None


def _by_rank(rows: Solutions, k: int) -> float | None:
    by: dict[int, list[bool]] = {}
    for right, rank in rows:
        if rank is not None:
            by.setdefault(rank, []).append(right)
    if not by:
        return _at_random(rows, min(k, len(rows)))
    return ranked_pass_at_k([(len(found), sum(found)) for _, found in sorted(by.items())], k)


def _interval(values: Sequence[float], seed: int) -> tuple[float, float] | None:
    """By problems; Wilson's, over problems, where all of them say the same, which says little."""
    import numpy as np

    n = len(values)
    if n < 2:
        return None
    x = np.asarray(values)
    if np.ptp(x) == 0:
        return wilson(float(x[0]) * n, n)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=TIMES) @ x / n
    return expanded_percentiles(drawn, float(x.mean()), n)
