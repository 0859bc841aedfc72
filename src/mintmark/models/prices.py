"""US dollars per million tokens, as published by the providers in 2025 (list prices, no batch or volume discounts).

Prices change: give `price: {input, output, cached, reasoning}` beside a spec to replace them. A model that is not here has no price: its
runs show tokens, and a money cap is refused. Reasoning tokens are billed as output unless a price of their own is given.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..core.errors import ModelSpecError, nearest
from .spec import ModelSpec, is_local


@dataclass(frozen=True, slots=True)
class Price:
    input: float
    output: float
    cached: float | None = None
    reasoning: float | None = None

    def cost(self, tokens_in: int, tokens_out: int, tokens_cached: int = 0, tokens_reasoning: int = 0) -> float:
        """tokens_in includes the cached, tokens_out the reasoning tokens."""
        cached = self.input if self.cached is None else self.cached
        reasoning = self.output if self.reasoning is None else self.reasoning
        return (
            (tokens_in - tokens_cached) * self.input
            + tokens_cached * cached
            + (tokens_out - tokens_reasoning) * self.output
            + tokens_reasoning * reasoning
        ) / 1e6


PRICES: dict[str, Price] = {
    "openai:gpt-4o": Price(2.50, 10.00, 1.25),
    "openai:gpt-4o-mini": Price(0.15, 0.60, 0.075),
    "openai:gpt-4.1": Price(2.00, 8.00, 0.50),
    "openai:gpt-4.1-mini": Price(0.40, 1.60, 0.10),
    "openai:gpt-4.1-nano": Price(0.10, 0.40, 0.025),
    "openai:gpt-5": Price(1.25, 10.00, 0.125),
    "openai:gpt-5-mini": Price(0.25, 2.00, 0.025),
    "openai:gpt-5-nano": Price(0.05, 0.40, 0.005),
    "openai:o3": Price(2.00, 8.00, 0.50),
    "openai:o4-mini": Price(1.10, 4.40, 0.275),
    "anthropic:claude-3-5-haiku-latest": Price(0.80, 4.00, 0.08),
    "anthropic:claude-sonnet-4-5": Price(3.00, 15.00, 0.30),
    "anthropic:claude-haiku-4-5": Price(1.00, 5.00, 0.10),
    "anthropic:claude-opus-4-1": Price(15.00, 75.00, 1.50),
}


def price_of(spec: ModelSpec) -> Price | None:
    """The user's price, 0 for a local model, the table's, or None."""
    given = spec.options.get("price")
    if given is not None:
        known = ("input", "output", "cached", "reasoning")
        for key, value in given.items():
            if key not in known:
                raise ModelSpecError(f"models: {spec.role}: price has no '{key}'.{nearest(str(key), known)}")
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise ModelSpecError(f"models: {spec.role}: price: {key} is {value!r}, expected US dollars per million tokens")
        if "input" not in given or "output" not in given:
            raise ModelSpecError(f"models: {spec.role}: price needs input and output, in US dollars per million tokens")
        return Price(**given)
    if is_local(spec):
        return Price(0.0, 0.0)
    if spec.base_url is not None:  # another provider's server: its price is its own
        return None
    return PRICES.get(f"{spec.scheme}:{spec.model}")
