"""selfcheck: scores the sentences of an answer by how little the model's other answers to the same prompt say them. Asks no model.

    candidates: {prompt: "{{ question }}", temperatures: [1.0], n: 10, into: samples}
    selfcheck: {text: answer, samples: samples, most: 6}

Reads text and samples: a list of texts, or what `candidates` wrote (which keeps equal answers once; an answer many times sampled counts once then).
Writes: selfcheck (a list of {sentence, mean, most}: the average and the largest -ln p of its words under a unigram model of samples and answer,
higher is more doubtful), selfcheck_mean (average of the sentences' means, None without a sentence). Drops: doubtful (selfcheck_mean is above
`most`; without `most` nothing is dropped), too_few_samples (fewer than `least`).
Levels depend on the length of the texts and the number of samples: compare within one recipe, set `most` after a look at the numbers.
Source: SelfCheckGPT, Manakul, Liusie and Gales 2023 (2303.08896), section 5.3. Not covered: its variants by questions, NLI or prompt (`faithful`).
One row: answer='He was born in Kent. He won a medal.', selfcheck=[{'sentence': 'He was born in Kent.', 'mean': 1.9, 'most': 2.3}, ...]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.answers import shown_texts
from ..text.selfcheck import scores


@dataclass(frozen=True)
class Selfcheck(Op):
    """text, samples: columns. most: mean -ln p above which a row is dropped. least: samples needed."""

    text: str = "answer"
    samples: str = "samples"
    most: float | None = None
    least: int = 1
    name: ClassVar[str] = "selfcheck"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Manakul, Liusie and Gales 2023, SelfCheckGPT (2303.08896)",)
    drops: ClassVar[Mapping[str, str]] = {
        "doubtful": "the samples say little of what the answer says",
        "too_few_samples": "fewer samples than `least`",
    }

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.text, self.samples)))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("selfcheck", "selfcheck_mean")

    def each(self, row: Row, ctx: Context) -> Result:
        samples = shown_texts(row.values[self.samples])
        if len(samples) < self.least:
            return Drop("too_few_samples", f"{len(samples)} of {self.least}")
        found = scores(str(row.values[self.text] or ""), samples)
        mean = sum(s.mean for s in found) / len(found) if found else None
        if self.most is not None and mean is not None and mean > self.most:
            worst = max(found, key=lambda s: s.mean)
            return Drop("doubtful", f"{mean:.2f}; most doubtful ({worst.mean:.2f}): {worst.sentence}"[:300])
        told = [{"sentence": s.sentence, "mean": round(s.mean, 6), "most": round(s.most, 6)} for s in found]
        return row.with_values({"selfcheck": told, "selfcheck_mean": None if mean is None else round(mean, 6)})
