"""anonymeter: singling out, linkability and inference, the three risks of the Article 29 Working Party, each against a control set. For tables.

    pip install 'mintmark[privacy]'        measure: [anonymeter]        or        measure: [{anonymeter: {secrets: [diagnosis]}}]

  singling_out          guesses from single synthetic values (extremes, rare ones) that fit one real row alone
  singling_out_several  the same from `together` values of a synthetic row at once
  linkability           real rows whose two halves of columns have the same nearest synthetic row
  inference             values of a secret column guessed from the nearest synthetic row; the largest risk of all secrets

Risk = (attack - control) / (1 - control): what works on the holdout as well is no leak. Singling out by single values accuses independent columns that
hold real extremes: read each attack alone. Real, holdout and synthetic rows are cut to one size, without equal rows, so that no correction for size is
needed; missing numbers stand at the median, missing levels are one. Source: Giomi et al. 2023 (2211.10459), by their library (github.com/statice/anonymeter,
Clear BSD). Not covered: texts. Costly: an audit leaves it out unless it is named.
One row: privacy.singling_out 0.00 [0.00, 0.03] of 500 attacks
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError, nearest
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.cells import level, numbers
from ..stats.features import kind_of
from ..stats.resample import same_size

TRIES, MOST_GUESSES = 20_000, 5_000


@dataclass(frozen=True)
class Anonymeter(Metric):
    """attacks: of each kind. size: rows of each table. together: columns of one guess. secrets: columns whose values are guessed.
    most_secrets: without `secrets`, so many of the first columns are."""

    attacks: int = 500
    size: int = 5_000
    together: int = 3
    secrets: tuple[str, ...] = ()
    most_secrets: int = 8
    name: ClassVar[str] = "anonymeter"
    family: ClassVar[str] = "privacy"
    costly: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = (
        "Giomi et al. 2023, A unified framework for quantifying privacy risk in synthetic data (2211.10459)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "privacy.singling_out": "share of guesses from single synthetic values that fit one real row, beyond the holdout's, 0..1, lower is better",
        "privacy.singling_out_several": "the same from several values of a synthetic row at once",
        "privacy.linkability": "share of real rows whose two halves lead to one synthetic row, beyond the holdout's, 0..1, lower is better",
        "privacy.inference": "share of secret values guessed from synthetic rows, beyond the holdout's, of all secrets the largest, 0..1, lower is better",
    }

    def reads(self) -> tuple[str, ...]:
        return self.secrets

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        if tables.real is None or tables.holdout is None:
            return []
        data = (tables.real, tables.holdout, tables.synthetic)
        kinds = {
            c: kind
            for c in tables.real.columns
            if c != tables.text
            and all(c in d.columns for d in data)
            and (kind := kind_of(tables.real.columns[c])) in ("number", "date", "category")
        }
        for secret in self.secrets:
            if secret not in kinds:
                raise RecipeError(f"anonymeter: '{secret}' is no column of numbers, dates or categories.{nearest(secret, kinds)}")
        if len(kinds) < 2 or min(map(len, data)) < 20:
            return []
        try:
            import anonymeter  # noqa: F401
        except ImportError:
            note = "skipped: it needs anonymeter, which is not installed: pip install 'mintmark[privacy]'"
            return [Measurement("privacy.singling_out", None, "risk", len(tables.synthetic), None, "lower", caveats=(note,))]
        return self._measure(data, kinds, tables.seed)

    def _measure(self, data: tuple[Data, Data, Data], kinds: dict[str, str], seed: int) -> list[Measurement]:
        import numpy as np
        import polars as pl
        from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator
        from anonymeter.evaluators.singling_out_evaluator import univariate_singling_out_queries

        names = dict(zip(kinds, (f"c{k}" for k in range(len(kinds)))))  # column names never reach a query
        frames = [_frame(d, data[0], kinds, names) for d in data]
        picked = same_size([len(f) for f in frames], self.size, seed)
        real, held, own = (f.iloc[i].reset_index(drop=True) for f, i in zip(frames, picked))
        if len(real) < 20:
            return []
        n = min(self.attacks, len(real))
        columns = list(names.values())
        out = []

        def tell(name: str, n: int, what: str, results: Any, **more: Any) -> None:
            risk = results.risk()
            rates = {"attack": float(results.attack_rate.value), "control": float(results.control_rate.value)}
            caveats = (f"{what}; {len(real):,} rows each of real, holdout and synthetic",)
            span = (float(risk.ci[0]), float(risk.ci[1]))
            out.append(Measurement(f"privacy.{name}", float(risk.value), "risk", n, span, "lower", caveats=caveats, detail=rates, **more))

        # all guesses there are: the library counts those it could not make as failed, and which of more it picks changes from run to run
        single = len(univariate_singling_out_queries(pl.DataFrame(own), MOST_GUESSES, np.random.default_rng(seed)))
        for mode, count in (("univariate", single), ("multivariate", n)):
            if count:
                attack = SinglingOutEvaluator(real, own, count, min(self.together, len(columns)), held, TRIES, seed)
                with _quiet(seed):
                    results = attack.evaluate(mode).results()
                what = f"{count} guesses" + (", drawn anew in every run" if count == MOST_GUESSES else "")
                tell(f"singling_out{'_several' if mode == 'multivariate' else ''}", count, what, results)
        with _quiet(seed):
            halves = columns[::2], columns[1::2]
            results = LinkabilityEvaluator(real, own, halves, n, 1, held).evaluate(n_jobs=1).results()
        shown = [", ".join(c for c in names if names[c] in half) for half in halves]
        tell("linkability", n, f"{n} rows; {shown[0]} with {shown[1]}", results)
        secrets = self.secrets or tuple(names)[: self.most_secrets]
        risks: dict[str, float] = {}
        best: tuple[float, str, Any] | None = None
        for secret in secrets:
            with _quiet(seed):
                other = [c for c in columns if c != names[secret]]
                guess = InferenceEvaluator(real, own, other, names[secret], kinds[secret] != "category", n, held)
                results = guess.evaluate(n_jobs=1).results(confidence_level=1 - 0.05 / len(secrets))
                risks[secret] = float(results.risk().value)
                if best is None or risks[secret] > best[0]:
                    best = risks[secret], secret, results
        if best is not None:
            what = f"{n} rows each of {len(secrets)} secrets; the largest, {best[1]}, its interval for all of them together (Bonferroni)"
            tell("inference", n, what, best[2], by_group=risks)
        return out


def _frame(data: Data, real: Data, kinds: dict[str, str], names: dict[str, str]) -> Any:
    """Different rows, numbers without gaps, categories as strings."""
    import numpy as np
    import pandas as pd

    columns: dict[str, Any] = {}
    for name, kind in kinds.items():
        if kind == "category":
            columns[names[name]] = [level(c) or "" for c in data.columns[name]]
        else:
            middle = np.nanmedian(numbers(real.columns[name], kind))
            columns[names[name]] = np.nan_to_num(numbers(data.columns[name], kind), nan=float(middle))
    return pd.DataFrame(columns).drop_duplicates(ignore_index=True)


@contextmanager
def _quiet(seed: int) -> Iterator[None]:
    """Without the library's warnings; its draws from numpy's global generator by our seed, and that put back."""
    import numpy as np

    state, log = np.random.get_state(), logging.getLogger("anonymeter")
    before = log.level
    try:
        np.random.seed(seed % 2**32)
        log.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(state)
        log.setLevel(before)
