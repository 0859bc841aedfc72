"""selfcheck: values by hand, planted hallucinations, the recorded solutions of four GPT-3 models to GSM8K."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each, kept, reasons
from mintmark.curate.selfcheck import Selfcheck
from mintmark.stats.intervals import auc, delong
from mintmark.text.selfcheck import scores


def test_by_hand() -> None:
    """Words of all three texts: a 4, b 2, c 1, d 1; so p = 1/2, 1/4, 1/8, 1/8."""
    one, two = scores("A b. C d.", ["a a", "b a"])
    assert one.mean == pytest.approx((math.log(2) + math.log(4)) / 2) and one.most == pytest.approx(math.log(4))
    assert two.mean == two.most == pytest.approx(math.log(8))
    assert scores("", ["a"]) == [] and scores("…", ["a"])[0].mean == 0


@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=4))
def test_nats_are_never_negative(answer: str, samples: list[str]) -> None:
    assert all(0 <= s.mean <= s.most + 1e-9 for s in scores(answer, samples))


NAMES, TOWNS, YEARS = [f"Name{i}" for i in range(40)], [f"Town{i}" for i in range(40)], range(1800, 1990)


def test_planted_hallucinations() -> None:
    """Four facts a person that all samples say in words of their own, one of them replaced in the answer by what no sample says: it stands out."""
    rng = random.Random(0)
    scored, wrong = [], []
    for _ in range(60):
        name, facts = rng.choice(NAMES), [str(rng.choice(YEARS)), rng.choice(TOWNS), rng.choice(TOWNS) + " College", str(rng.choice(YEARS))]
        said = [f"{name} was born in {facts[0]}.", f"He grew up in {facts[1]}.", f"He went to {facts[2]}.", f"He died in {facts[3]}."]
        other = ["They married young.", "A street has that name.", "Much is unknown.", "His work is read today."]
        samples = [" ".join(rng.sample(said, 3) + rng.sample(other, 1)) for _ in range(8)]
        planted = rng.randrange(4)
        answer = list(said)
        answer[planted] = f"{rng.choice(['Colonel', 'Bishop', 'Baron'])} {rng.choice(NAMES)} taught him the lute."
        for k, s in enumerate(scores(" ".join(answer), samples)):
            scored.append(s.mean)
            wrong.append(k == planted)
    assert auc(scored, wrong) > 0.99


def test_gsm8k(data: Path) -> None:
    """Four models' solutions to 1,319 problems, each against the other three: does the mean tell a wrong one? AUC 0.75 for all 5,276, where the length of
    the solution alone gives 0.64; 0.74 to 0.83 within one model. Without the line of the final answer 0.72: not only that answers are counted.
    These are other models, not samples of one, and three are few."""
    models = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
    rows = [json.loads(line) for line in (data / "gsm8k" / "example_model_solutions.jsonl").read_text("utf-8").splitlines()]

    def told(answers: dict[str, str], model: str) -> float:
        return mean(s.mean for s in scores(answers[model], [answers[o] for o in models if o != model]))

    whole, bare, length, wrong = [], [], [], []
    for row in rows:
        answers = {m: row[m]["solution"] for m in models}
        cut = {m: a.rpartition("\nA:")[0] or a for m, a in answers.items()}
        for m in models:
            whole.append(told(answers, m))
            bare.append(told(cut, m))
            length.append(len(answers[m]))
            wrong.append(not row[m]["is_correct"])
    value, (low, high) = delong(whole, wrong)
    print(f"whole {value:.3f} ({low:.3f} to {high:.3f}), without the answer's line {auc(bare, wrong):.3f}, length {auc(length, wrong):.3f}")
    assert len(wrong) == 5_276 and value == pytest.approx(0.749, abs=0.002) and auc(length, wrong) == pytest.approx(0.635, abs=0.002)
    assert 0.65 < auc(bare, wrong) < value
    assert auc(whole[3::4], wrong[3::4]) == pytest.approx(0.738, abs=0.002) and auc(whole[::4], wrong[::4]) == pytest.approx(
        0.827, abs=0.002
    )


def test_the_op() -> None:
    rows = [
        {"answer": "He was born in Kent. He won a medal.", "samples": ["He was born in Kent.", {"text": "Born in Kent, he wrote."}]},
        {"answer": "Something else entirely was said.", "samples": ["He was born in Kent."] * 9},
        {"answer": None, "samples": ["a"]},
        {"answer": "x", "samples": []},
    ]
    found = each(Selfcheck(most=3.2), rows)
    assert reasons(found) == ["kept", "doubtful", "kept", "too_few_samples"]
    first, empty = kept(found)
    assert [s["sentence"] for s in first["selfcheck"]] == ["He was born in Kent.", "He won a medal."]
    assert first["selfcheck"][0]["mean"] < first["selfcheck"][1]["mean"] and empty["selfcheck_mean"] is None
