"""A cap on money and tokens that stops a run cleanly: what is in flight still arrives and is kept, nothing new is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..core.errors import BudgetEnded, Interrupted
from ..core.ports import Model, Reply, Request, Wrapper


@dataclass(slots=True)
class Purse:
    """What one run may spend, shared by all its models. Starts at what the journal says was spent before."""

    max_cost: float | None = None
    max_tokens: int | None = None
    cost_usd: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    calls: int = 0
    stopping: Callable[[], bool] = bool  # whether the run is being stopped: then nothing new is sent

    def check(self) -> None:
        if self.stopping():
            raise Interrupted("the run is stopping")
        if self.max_cost is not None and self.cost_usd >= self.max_cost:
            raise BudgetEnded(f"the money cap of ${self.max_cost:g} is reached (${self.cost_usd:.4f} spent); raise --max-cost to go on")
        spent = self.tokens_in + self.tokens_out
        if self.max_tokens is not None and spent >= self.max_tokens:
            raise BudgetEnded(f"the token cap of {self.max_tokens} is reached ({spent} used); raise --max-tokens to go on")

    def pay(self, reply: Reply) -> None:
        self.calls += 1
        self.cost_usd += reply.cost_usd or 0.0
        self.tokens_in += reply.tokens_in
        self.tokens_out += reply.tokens_out


class Budget(Wrapper):
    """Refuses a call once the purse is empty. Overshoot is at most what was in flight when the cap was reached."""

    def __init__(self, inner: Model, purse: Purse) -> None:
        self.inner, self.purse = inner, purse

    async def complete(self, request: Request) -> Reply:
        self.purse.check()
        reply = await self.inner.complete(request)
        self.purse.pay(reply)
        return reply
