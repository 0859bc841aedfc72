"""The releaser of a run: charged before noise is drawn, journaled before it is used, never drawn twice (laws 4 and 7)."""

from __future__ import annotations

import asyncio
import math
import secrets
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ..core.errors import PrivacyError
from ..core.ports import Allowance, Answer, Release, Store
from ..stats.gaussian_dp import epsilon_of, mu_for, mu_of, upward
from ..text.jsontext import dumps, loads
from .journal import Committer, Known

RUN = b"identity of run\0"  # 16 bytes: the key of this run's own random name, by which its charges are told from those of others


class Released:
    """noise: (values, sigma) -> noisy values. account: opens and locks what is spent of a data set (stores/spending.py)."""

    def __init__(
        self,
        noise: Callable[[Sequence[float], float], list[float]],
        account: Callable[[Allowance], AbstractContextManager[Any]],
        allowances: Sequence[Allowance],
        known: Known,
        committer: Committer,
        store: Store,
    ) -> None:
        self._noise, self._account, self._allowances = noise, account, allowances
        self._known, self._committer, self._store = known, committer, store
        self._fresh: dict[bytes, Answer] = {}
        self._one = asyncio.Lock()

    async def release(self, asked: Release) -> Sequence[float]:
        async with self._one:
            key, of = asked.key(), asked.allowance
            answer = self._find(key)
            if key not in self._fresh:  # new, or of an earlier session
                _refuse_what_hides_nothing(asked)
                run, mu = await self._run(), asked.sensitivity / asked.sigma
                identity, who = f"{run}{key.hex()}", {"step": asked.step, "what": asked.what, "run": run}
                opened = self._account(of)
                account = await asyncio.to_thread(opened.__enter__)  # another run may hold the lock
                try:
                    if answer is not None:
                        account.recall(identity, mu, **who)
                    else:
                        charged = account.charge(identity, mu, **who)
                        raw = array("d", self._noise(asked.values, asked.sigma)).tobytes()
                        told = {
                            "what": asked.what,
                            "data": of.data,
                            "unit": of.unit,
                            "sigma": asked.sigma,
                            "mu": mu,
                            "mu_spent": account.spent,
                        }
                        answer = await self._commit(Answer(key, "", asked.step, 0, "gaussian", dumps(told), raw, port="release"))
                        account.done(charged)
                finally:
                    opened.__exit__(None, None, None)
                self._fresh[key] = answer
            assert answer is not None
            out = array("d")
            out.frombytes(answer.raw)
            return out

    def afford(self, shares: Mapping[Allowance, float]) -> None:
        """PrivacyError where a table's account does not cover what its share (allowance -> 0..1 of it) still takes: said before any call."""
        mine: dict[str, float] = {}
        for release in self._releases():
            mine[release["data"]] = mine.get(release["data"], 0.0) + release["mu"] ** 2
        for a in self._allowances:
            left = shares.get(a, 0.0) * mu_for(a.epsilon, a.delta) ** 2 - mine.get(a.data, 0.0)
            if left > 1e-12:
                with self._account(a) as account:
                    if not account.covers(left**0.5):
                        raise PrivacyError(
                            f"table '{a.table}': epsilon {upward(account.epsilon)} of {a.epsilon:g} at delta {a.delta:g} is spent by this and earlier runs; "
                            f"this run would take {upward(epsilon_of(a.delta, left**0.5))} more. Ask for a smaller share, or use what was released"
                        )

    def told(self) -> list[dict[str, Any]]:
        """For each private data set with a budget: what this run has released of it, in this session or an earlier one, and what all runs had
        when this one released last. Read from the journal, which also holds what a resumed run did not need to ask again."""
        made: dict[str, list[dict[str, Any]]] = {}
        for release in self._releases():
            made.setdefault(release["data"], []).append(release)
        return [
            {
                "table": a.table,
                "data": a.data,
                "epsilon": epsilon_of(a.delta, mu_of((r["mu"], 1.0) for r in made[a.data])),
                "delta": a.delta,
                "releases": len(made[a.data]),
                "steps": sorted({r["step"] for r in made[a.data]}),
                "sigma": sorted({r["sigma"] for r in made[a.data]}),
                "unit": " and ".join(sorted({r.get("unit", a.unit) for r in made[a.data]})),
                "people": a.people,
                "epsilon_all_runs": epsilon_of(a.delta, max(r["mu_spent"] for r in made[a.data])),
                "epsilon_allowed": a.epsilon,
            }
            for a in self._allowances
            if a.data in made
        ]

    def _releases(self) -> Iterator[dict[str, Any]]:
        for answer in self._store.answers() if self._allowances else ():
            if answer.port == "release":
                yield {**loads(answer.request), "step": answer.step}

    def _find(self, key: bytes) -> Answer | None:
        return self._known.find(key) or self._fresh.get(key)

    async def _commit(self, answer: Answer) -> Answer:
        await self._committer.put(answer)
        self._fresh[answer.key] = answer
        return answer

    async def _run(self) -> str:
        found = self._find(RUN) or await self._commit(Answer(RUN, "", "", 0, "run", b"{}", secrets.token_bytes(8), port="run"))
        return found.raw.hex()


def _refuse_what_hides_nothing(asked: Release) -> None:
    if not (0 < asked.sigma < math.inf and 0 < asked.sensitivity < math.inf and all(map(math.isfinite, asked.values))):
        raise PrivacyError(
            f"{asked.step}: a release of '{asked.what}' needs a noise and a sensitivity above 0 and finite values, so that noise hides who is in them"
        )
