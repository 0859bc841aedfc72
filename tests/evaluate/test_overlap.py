"""overlap: the reference packages' golden values, closed forms, linear against pairwise BLEU, and repeats that show."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluate.metric_texts import golden, of_texts, sentences
from mintmark.evaluate.overlap import Overlap, mean_self_bleu, template_rate
from mintmark.stats.vectors import pair_mean
from mintmark.text.overlap import ngram_diversity, ngram_frequency, rouge_matrix, self_bleu, self_repetition, tokens_13a
from mintmark.text.rouge import rouge_l


def test_golden_values() -> None:
    g, texts, _ = golden()
    assert mean_self_bleu(texts) == pytest.approx(23.685657563, abs=5e-10)
    assert np.mean(self_bleu(texts, tokenize="blanks", smooth="floor")) == pytest.approx(23.691593891, abs=5e-10)
    texygen = [np.mean(self_bleu(texts, n, "blanks", "floor")) / 100 for n in (2, 3, 4)]
    assert texygen == pytest.approx([0.259112876, 0.243486109, 0.236915939], abs=1e-9)
    assert self_repetition(texts) == pytest.approx(0.447939867, abs=5e-10) and round(ngram_diversity(texts), 3) == 3.486
    assert pair_mean(rouge_matrix(texts)) == pytest.approx(0.132352941, abs=1e-7)
    found = of_texts(Overlap(), texts)
    assert set(found) == {n.split(".")[1] for n in Overlap.gives}
    assert found["self_bleu"].value == pytest.approx(g["self-BLEU SYN sacrebleu sentence_score mean, 13a, exp smoothing, effective_order"])


def test_closed_forms() -> None:
    assert tokens_13a('He said: "3.5-4 (a.b), it\'s &amp; done."') == (
        ["He", "said", ":", '"', "3.5", "-", "4", "(", "a", ".", "b", ")", ",", "it's", "&", "done", ".", '"']
    )
    assert self_bleu(["a b c d e"] * 3) == pytest.approx([100] * 3) and self_bleu(["a b", "c d", ""]) == [0, 0, 0]
    assert self_bleu(["a b c d", "a b c d e f g h"])[0] == pytest.approx(100 * math.exp(1 - 8 / 4)), "the brevity penalty"
    assert self_repetition(["a b c d", "x a b c d", "y"]) == pytest.approx(2 * math.log(2) / 3)
    assert ngram_frequency(["a b", "A B c", "d"]) == pytest.approx((2 + 1) / 2) and ngram_frequency(["a", ""]) == 1
    texts = ["what is the way to x"] * 3 + [f"t{i} goes its own way" for i in range(7)]
    assert template_rate(texts) == pytest.approx(0.3) and template_rate(texts[3:]) == 0


words = st.lists(st.sampled_from("abcd"), max_size=9).map(" ".join)


@given(st.lists(words, min_size=2, max_size=7))
@settings(max_examples=80, deadline=None)
def test_linear_self_bleu_clips_as_the_definition_does(texts: list[str]) -> None:
    """Precision of word pairs by hand: each count at most the largest among the other texts."""
    for i, text in enumerate(texts):
        own = text.split()
        others = [t.split() for j, t in enumerate(texts) if j != i]
        if len(own) < 2 or not set(own) & {w for o in others for w in o}:
            continue
        logs = []
        for n in (1, 2):

            def count(row: list[str], gram: list[str], n: int = n) -> int:
                return sum(row[k : k + n] == gram for k in range(len(row) - n + 1))

            distinct = {tuple(own[k : k + n]) for k in range(len(own) - n + 1)}
            hits = sum(min(count(own, list(g)), max(count(o, list(g)) for o in others)) for g in distinct)
            logs.append(math.log(max(hits, 0.1) / (len(own) - n + 1)))
        near = min((abs(len(o) - len(own)), len(o)) for o in others)[1]
        expected = 100 * math.exp(sum(logs) / 2) * (1 if len(own) >= near else math.exp(1 - near / len(own)))
        assert self_bleu(texts, 2, "blanks", "floor")[i] == pytest.approx(expected)


@given(st.lists(st.text("ab ç.", max_size=12), min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_the_rouge_matrix_is_rouge_l(texts: list[str]) -> None:
    matrix = rouge_matrix(texts)
    assert matrix[0, 1] == pytest.approx(rouge_l(texts[0], texts[1], "any"), abs=1e-6)


def test_repeats_show_and_it_is_fast() -> None:
    rng = np.random.default_rng(0)
    own, real = sentences(rng, 300, length=12), sentences(rng, 300, length=12)
    for name, m in of_texts(Overlap(size=150), own, real).items():
        low, high = m.interval  # type: ignore[misc]
        assert low - (high - low) < m.detail["reference"] < high + (high - low), f"{name}: same source, same overlap"  # type: ignore[index]
    found = of_texts(Overlap(size=150), [f"please tell me now {t}" for t in own], real)
    for name in ("self_bleu", "homogenization", "self_repetition", "ngram_frequency", "template_rate"):
        assert found[name].interval[0] > found[name].detail["reference"], name  # type: ignore[index]
    assert found["template_rate"].value == 1 and found["ngram_diversity"].interval[1] < found["ngram_diversity"].detail["reference"]  # type: ignore
    start = time.process_time()
    self_bleu(sentences(rng, 1_000, length=30))
    assert time.process_time() - start < 3
