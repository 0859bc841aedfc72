"""golden_text.json: every value of the reference packages that our code can give, to 1e-6, by its key; the others with the reason why not."""

from __future__ import annotations

import lzma
import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evaluate.metric_texts import golden
from mintmark.evaluate.diversity import compression_ratio, distinct
from mintmark.evaluate.overlap import mean_self_bleu
from mintmark.stats.divergence import area, frontier_integral
from mintmark.stats.vectors import cosine_kernel, pair_mean, vendi, word_counts
from mintmark.text.overlap import corpus_bleu, ngram_diversity, rouge_matrix, self_bleu, self_repetition
from mintmark.text.rouge import rouge_l, rouge_n

P, Q = [0.5, 0.3, 0.2, 0], [0.2, 0.3, 0.3, 0.2]
WHY_NOT = {
    "called with q=2 (argument ignored": "the package's fault: it gives q = 1",
    "mauve n=": "its k-means is faiss's; the histogram part is compared exactly, tests/stats/test_divergence.py takes these as bounds",
    "effective_order off": "the same number",
    "ratio gzip": "rounded to three digits, of a file written at the clock's time: compat, in tests/evaluate/test_diversity.py",
    "ratio xz": "rounded to three digits; below",
    "ngram_diversity_score": "rounded to three digits; below",
}


def ours(syn: list[str], ref: list[str]) -> dict[str, Callable[[], Any]]:
    x = np.random.RandomState(0).standard_normal((40, 16))
    kernel = cosine_kernel(word_counts(syn))
    texts = {"SYN": syn, "SYN*20": syn * 20, "REF": ref}
    out: dict[str, Callable[[], Any]] = {
        "vendi.score_X q=1 (rows L2-normalised, X X^T)": lambda: vendi(x),
        "vendi.score_dual q=1": lambda: vendi(x),
        "own: exp(entropy of eigenvalues > 1e-12)": lambda: vendi(x),
        "own: 1/sum(w^2) (q=2)": lambda: vendi(x, 2),
        "vendi.score_X SYN, lower().split() counts": lambda: vendi(word_counts(syn)),
        "vendi.intdiv_K cosine SYN": lambda: 1 - float(kernel.mean()),
        "mauve curve on histograms P=[.5,.3,.2,0] Q=[.2,.3,.3,.2] (no k-means: exact)": lambda: {
            "mauve": area(P, Q),
            "frontier": frontier_integral(P, Q),
        },
        "self-BLEU SYN sacrebleu sentence_score mean, 13a, exp smoothing, effective_order": lambda: mean_self_bleu(syn),
        "self-BLEU SYN tokenize=none (split), floor smoothing": lambda: np.mean(self_bleu(syn, 4, "blanks", "floor")),
        "corpus BLEU SYN vs REF one reference each": lambda: corpus_bleu(syn, ref),
        "rouge1 F mean REF[i],SYN[i], no stemmer": lambda: np.mean([rouge_n(a, b, 1) for a, b in zip(ref, syn)]),
        "rouge2 F mean REF[i],SYN[i], no stemmer": lambda: np.mean([rouge_n(a, b, 2) for a, b in zip(ref, syn)]),
        "rougeL F mean REF[i],SYN[i], no stemmer": lambda: np.mean([rouge_l(a, b) for a, b in zip(ref, syn)]),
        "homogenization ROUGE-L SYN (own loop over rouge-score)": lambda: pair_mean(rouge_matrix(syn)),
        "diversity.self_repetition_score SYN n=4": lambda: self_repetition(syn),
    }
    for q, name in ((1, "1"), (2, "2"), (math.inf, "inf"), (0.5, "0.5")):
        out[f"vendi.score_K cosine q={name}"] = lambda q=q: vendi(x, q)  # type: ignore[misc]
    for n in (1, 2, 3, 4):
        out[f"distinct-{n} SYN corpus: unique/total, lower().split(), per text"] = lambda n=n: distinct(syn, n)  # type: ignore[misc]
        out[f"distinct-{n} SYN mean over texts"] = lambda n=n: np.mean([distinct([t], n) for t in syn])  # type: ignore[misc]
    for n in (2, 3, 4):
        key = f"self-BLEU-{n} SYN nltk split() method1 (Texygen style)"
        out[key] = lambda n=n: np.mean(self_bleu(syn, n, "blanks", "floor")) / 100  # type: ignore[misc]
    for name, t in texts.items():
        out[f"own gzip ratio {name}: len/len(gzip level 9, mtime 0)"] = lambda t=t: compression_ratio(t)  # type: ignore[misc]
        out[f"own zlib ratio {name}: len/len(zlib level 9)"] = lambda t=t: (len(d := " ".join(t).encode())) / len(zlib.compress(d, 9))  # type: ignore[misc]
    return out


def test_every_golden_value() -> None:
    told, syn, ref = golden()
    found = ours(syn, ref)
    assert not set(found) - set(told)
    left = [key for key in told if key not in found and not any(why in key for why in WHY_NOT)]
    assert not left, f"neither reproduced nor explained: {left}"
    for key, give in found.items():
        value = give()
        expected = {k: told[key][k] for k in value} if isinstance(value, dict) else told[key]
        # order 1/2 takes the root of eigenvalues that are 0 up to rounding: the packages differ in which they drop
        assert value == pytest.approx(expected, abs=2e-5 if "q=0.5" in key else 1e-6), key
    assert len(found) == 36 and round(ngram_diversity(syn), 3) == told["diversity.ngram_diversity_score SYN n<=4"]
    for name, t in (("SYN", syn), ("SYN*20", syn * 20), ("REF", ref)):
        assert len(d := " ".join(t).encode()) / len(lzma.compress(d)) == pytest.approx(
            told[f"diversity.compression_ratio xz {name}"], rel=0.01
        )


def test_analytic_identities() -> None:
    for q in (0.5, 1, 2, math.inf):
        assert vendi(np.eye(7), q) == pytest.approx(7) and vendi(np.ones((7, 3)), q) == pytest.approx(1)
    assert area(P, P) == pytest.approx(1) and frontier_integral(P, P) == 0
    assert corpus_bleu(["a b c d e"], ["a b c d e"]) == pytest.approx(100) and rouge_n("A b!", "a B", 2) == 1
