"""ROUGE-L against its plain definition; the block filter against one-by-one; the boundary; other scripts; hostile sizes."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text import rouge
from mintmark.text.rouge import Coder, Novelty, rouge_l, tokens

WORDS = "write a list of the main ideas in this text about cats dogs and 3 other animals".split()


def plain(a: str, b: str) -> float:
    """Lin 2004 by the table: precision LCS / m, recall LCS / n, F1 of the two."""
    x, y = (re.sub("[^a-z0-9]+", " ", t.lower()).split() for t in (a, b))
    row = [0] * (len(y) + 1)
    for s in x:
        before = 0
        for j, t in enumerate(y, 1):
            before, row[j] = row[j], before + 1 if s == t else max(row[j], row[j - 1])
    if not row[-1]:
        return 0.0
    p, r = row[-1] / len(x), row[-1] / len(y)
    return 2 * p * r / (p + r)


def sentence(rng: random.Random, most: int = 14) -> str:
    return rng.choice([" ", ", ", "-", "... "]).join(rng.choice(WORDS) for _ in range(rng.randrange(most)))


def test_parity_on_10_000_random_pairs() -> None:
    rng = random.Random(1)
    for _ in range(10_000):
        a, b = sentence(rng), sentence(rng)
        assert abs(rouge_l(a, b) - plain(a, b)) <= 1e-12, (a, b)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text(a: str, b: str) -> None:
    assert abs(rouge_l(a, b) - plain(a, b)) <= 1e-12
    for script in ("latin", "any"):
        assert rouge_l(a, b, script) == rouge_l(b, a, script)  # type: ignore[arg-type]
        assert rouge_l(a, a, script) == (1.0 if tokens(a, script) else 0.0)  # type: ignore[arg-type]


def test_exactly_at_the_threshold_is_novel() -> None:
    assert rouge_l("a b c d e f g x y z", "a b c d e f g u v w") == 0.7
    for common, own in ((7, 3), (14, 6), (21, 9), (63, 27), (70, 30)):
        shared = [f"s{i}" for i in range(common)]
        a, b = (" ".join(shared + [f"{side}{i}" for i in range(own)]) for side in "ab")
        assert Novelty(0.7).admit([a, b]) == [None, None], common
        assert Novelty(0.7).admit([a, b + " s0", " ".join(shared)])[2] is not None


@pytest.mark.parametrize(("queries", "choices"), [(256, 8_192), (3, 5), (1, 1)])
def test_blocks_give_the_verdicts_of_one_by_one(monkeypatch: pytest.MonkeyPatch, queries: int, choices: int) -> None:
    monkeypatch.setattr(rouge, "QUERIES", queries)
    monkeypatch.setattr(rouge, "CHOICES", choices)
    rng = random.Random(2)
    texts = [sentence(rng, 8) for _ in range(400)]
    kept: list[str] = []
    wanted = []
    for text in texts:
        near = max(((plain(text, k), -i) for i, k in enumerate(kept)), default=(0.0, 0))
        wanted.append((-near[1], near[0]) if near[0] > 0.7 + 1e-9 else None)
        if wanted[-1] is None:
            kept.append(text)
    found = Novelty(0.7).admit(texts)
    assert [f and f[0] for f in found] == [w and w[0] for w in wanted] and 20 < found.count(None) < 380
    assert all(abs(f[1] - w[1]) < 1e-12 for f, w in zip(found, wanted) if f and w)
    pool = Novelty(0.7)
    assert [v for i in range(0, 400, 7) for v in pool.admit(texts[i : i + 7])] == found and len(pool) == found.count(None)


def test_most_similar_is_sorted_and_the_mean_is_over_all() -> None:
    rng = random.Random(3)
    texts = [sentence(rng) for _ in range(50)]
    pool = Novelty()
    assert pool.most_similar("a list") == ([], 0.0)
    assert [pool.add(t) for t in texts] == list(range(50))
    best, mean = pool.most_similar("Write a LIST of animals", k=10)
    scores = [plain("Write a LIST of animals", t) for t in texts]
    assert best == sorted(((i, pytest.approx(s)) for i, s in enumerate(scores)), key=lambda p: (-scores[p[0]], p[0]))[:10]
    assert mean == pytest.approx(sum(scores) / 50, abs=1e-12)
    assert pool.most_similar("???")[1] == 0.0


def test_other_scripts() -> None:
    assert tokens("Ein Café, 3 Straßen") == ["ein", "caf", "3", "stra", "en"]
    assert tokens("Ein Café, 3 Straßen_x", "any") == ["ein", "café", "3", "straßen", "x"]
    assert tokens("写一首诗 about 猫", "any") == ["写", "一", "首", "诗", "about", "猫"]
    assert rouge_l("写一首关于猫的诗", "写一首关于狗的诗") == 0.0 and rouge_l("写一首关于猫的诗", "写一首关于狗的诗", "any") == 7 / 8
    assert Novelty(0.7, "any").admit(["写一首关于猫的诗", "写一首关于狗的诗"]) == [None, (0, 7 / 8)]


def test_code_points_skip_surrogates_and_never_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    code = Coder()
    text = "".join(code(f"w{i} " * 2) for i in range(60_000))
    assert len(set(text)) == 60_000 and text[::2] == text[1::2]
    assert text.encode() and not any(0xD800 <= ord(c) < 0xE000 for c in text)
    monkeypatch.setattr(rouge, "_CODES", 5)
    few = Coder()
    assert few("a b c d e f") == "\0\1\2\3\4\0" and few("f") == "\0"


def test_long_texts_are_bounded() -> None:
    rng = random.Random(4)
    long = [" ".join(f"t{rng.randrange(50)}" for _ in range(200_000)) for _ in range(3)]
    before = time.process_time()
    assert Novelty().admit(long)[0] is None and len(tokens(long[0])) == 10_000
    assert time.process_time() - before < 5


@pytest.mark.parametrize("threshold", [0, -1, 1.01, float("nan")])
def test_a_threshold_that_makes_no_sense_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="expected more than 0"):
        Novelty(threshold)
