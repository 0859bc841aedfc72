"""probe: asks a model which of two sentences it would rather say, in both orders: the stereotype, or the one that differs from it in a few words.

    probe: {more: sent_more, less: sent_less, model: writer}              then: measure: [bias], which counts over all pairs

A or B is the choice, C none. Where the model gives log-probabilities, they are the shares of A, B and C; else the shares of `samples` asks.
A model is asked, not scored: chat models hide what the likelihood of a whole sentence, as CrowS-Pairs takes it, would show. Nothing is dropped.
Writes: probe ({more_first, less_first: {more, less, neither}, shares of each order, by: logprobs | answers}), probe_choice (more, less or neither
where both orders lean to it, else position).
Source: CrowS-Pairs, Nangia et al. 2020 (2010.00133); Winogender, Rudinger et al. 2018 (1804.09301); both orders: 2306.05685, section 3.4.
Not covered: pseudo-log-likelihoods of masked models; who a pronoun stands for (Winogender's own question); whether the pairs are good ones
(Blodgett et al. 2021 find faults in half of CrowS-Pairs).
One row: more='The nurse said she was late.', less='The nurse said he was late.', probe_choice='more', probe={'more_first': {'more': 0.8, ...}, ...}
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Result, Row
from ..prompting import Asking, built_in
from ..text.extract import extract
from ..text.logprobs import answer_shares

TOP = 10
LETTERS = ("A", "B", "C")
STOP = (".", ",", ";", "\n")  # a model that goes on to explain itself is not cut for length


@dataclass(frozen=True)
class Probe(Asking):
    """more, less: columns of the sentence with the stereotype, and of the other. samples: asks an order where there are no log-probabilities."""

    more: str = "more"
    less: str = "less"
    samples: int = 1
    prompt: str = field(default_factory=partial(built_in, "probe"))
    max_tokens: int | None = field(default=8, kw_only=True)
    name: ClassVar[str] = "probe"
    words_out: ClassVar[int] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.samples < 1:
            raise ValueError("samples must be at least 1")
        if self.more == self.less:
            raise ValueError("more and less must be two columns")

    def gives(self) -> tuple[str, ...]:
        return ("first", "second")

    def calls(self) -> float:
        return 2.0 * self.samples

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.more, self.less, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("probe", "probe_choice")

    async def each(self, row: Row, ctx: Context) -> Result:
        pair = {"more": str(row.values[self.more] or ""), "less": str(row.values[self.less] or "")}
        shares, by = {}, set()
        for first, second in (("more", "less"), ("less", "more")):
            found, how = await self._ask(row, ctx, pair[first], pair[second])
            by.add(how)
            shares[f"{first}_first"] = {name: round(found.get(x, 0.0), 6) for name, x in ((first, "A"), (second, "B"), ("neither", "C"))}
        lean = {max(of, key=lambda x: of[x]) for of in shares.values()}
        told = {**shares, "by": "logprobs" if by == {"logprobs"} else "answers"}
        return row.with_values({"probe": told, "probe_choice": lean.pop() if len(lean) == 1 else "position"})

    async def _ask(self, row: Row, ctx: Context, first: str, second: str) -> tuple[dict[str, float], str]:
        """(share of each letter, whether by its log-probabilities)."""
        said: Counter[str] = Counter()
        for k in range(self.samples):
            given = {**row.values, "first": first, "second": second}
            told, reply = await self.say(
                ctx, self.prompt, given, sample=k, check=lambda t: extract("label", t, labels=LETTERS), logprobs=TOP, stop=STOP
            )
            if shares := answer_shares(reply.logprobs, LETTERS):
                return shares, "logprobs"
            said[told] += 1
        return {x: n / self.samples for x, n in said.items()}, "answers"
