"""Near duplicates, measured: speed and memory at 200,000 texts, recall and precision on planted twins, and a hard set of paraphrases.

    python bench/duplicates.py [--rows 200000]

Texts of 15 to 55 words, Zipf vocabulary of 30,000; 10 % of them have one to three copies with 0 to 5 words changed. Truth: every pair whose exact
Jaccard of word bigrams is at least 0.7, found by inverted lists. The paraphrases (question pairs of COVID-QA) are read from ../shared/data.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import random
import resource
import time
from collections import Counter, defaultdict
from pathlib import Path

from mintmark.text.shingles import NearIndex, jaccard, shingles

THRESHOLD = 0.7


def texts_of(rows: int) -> list[str]:
    rng = random.Random(0)
    weights = list(itertools.accumulate(1 / (r + 2.7) for r in range(30_000)))
    names = [f"w{i}" for i in range(30_000)]
    out: list[str] = []
    while len(out) < rows:
        words = rng.choices(names, cum_weights=weights, k=rng.randint(15, 55))
        out.append(" ".join(words))
        if rng.random() < 0.1:
            for _ in range(rng.randint(1, 3)):
                copy = list(words)
                for _ in range(rng.randint(0, 5)):
                    copy[rng.randrange(len(copy))] = rng.choices(names, cum_weights=weights)[0]
                out.append(" ".join(copy))
    rng.shuffle(out)
    return out[:rows]


def true_pairs(sets: list[set[str]]) -> set[tuple[int, int]]:
    """All pairs at or above the threshold: candidates share one of each set's rarest shingles (a prefix filter loses none)."""
    seen = Counter(s for found in sets for s in found)
    lists: dict[str, list[int]] = defaultdict(list)
    out = set()
    for i, found in enumerate(sets):
        order = sorted(found, key=lambda s: (seen[s], s))
        prefix = order[: len(order) - int(THRESHOLD * len(order) + 1 - 1e-9) + 1]
        for j in {j for s in prefix for j in lists[s]}:
            if jaccard(found, sets[j]) >= THRESHOLD - 1e-12:
                out.add((j, i))
        for s in prefix:
            lists[s].append(i)
    return out


def speed(texts: list[str]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    for text in texts:
        shingles(text)
    alone = time.process_time() - start
    index, drops = NearIndex(THRESHOLD), 0
    start = time.process_time()
    for text in texts:
        sketch = index.sketch(text)
        if index.query(sketch) is None:
            index.add(sketch)
        else:
            drops += 1
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(texts):,} texts, as dedup does it: {spent:.2f} CPU s, of which shingling {alone:.2f}; {drops:,} dropped")
    print(f"  limit 8 CPU s: x {spent / 8:.2f}; peak {peak:.0f} MB, {peak - before:.0f} MB above the texts themselves")


def planted(texts: list[str]) -> None:
    sets = [shingles(t) for t in texts]
    truth = true_pairs(sets)
    index, found = NearIndex(THRESHOLD), set()
    for i, text in enumerate(texts):
        sketch = index.sketch(text)
        for j in set(index._bands.query(sketch[0])):  # every candidate, verified: the index itself stops at the best
            if jaccard(sets[i], sets[j]) >= THRESHOLD - 1e-12:
                found.add((j, i))
        index.add(sketch)
    right = len(found & truth)
    print(f"planted pairs: {len(truth):,}; recall {right / len(truth):.4f}, precision after verification {right / max(1, len(found)):.4f}")


def paraphrases(path: Path) -> None:
    if not path.exists():
        print("paraphrases: ../shared/data is absent, left out")
        return
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import precision_recall_curve, roc_auc_score

    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    a, b = [r["question_1"] for r in rows], [r["question_2"] for r in rows]
    same = [int(float(r["similar"])) for r in rows]
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True).fit(a + b)
    product = vectors.transform(a).multiply(vectors.transform(b)).sum(axis=1)
    cosine = [float(x) for x in np.asarray(product).ravel()]
    from rensa import RMinHash

    def sketch(text: str) -> RMinHash:
        made = RMinHash(num_perm=128, seed=42)
        made.update([text.lower()[i : i + 3] for i in range(max(1, len(text) - 2))])
        return made

    minhash = [sketch(x).jaccard(sketch(y)) for x, y in zip(a, b, strict=True)]
    exact = [jaccard(shingles(x), shingles(y)) for x, y in zip(a, b, strict=True)]
    print(f"paraphrases: {len(rows)} pairs, {sum(same)} of them the same question")
    for name, score in (("character TF-IDF", cosine), ("MinHash of character trigrams", minhash), ("word bigrams (dedup)", exact)):
        precision, recall, at = precision_recall_curve(same, score)
        points = []
        for wanted in (0.9, 0.7, 0.5, 0.3):
            k = next((i for i, t in enumerate(at) if t >= wanted), None)
            points.append(f"{wanted}: -" if k is None else f"{wanted}: p {precision[k]:.2f} r {recall[k]:.2f}")
        print(f"  {name:<30} AUC {roc_auc_score(same, score):.3f}; at or above {'; '.join(points)}")
    hits = sum(e >= THRESHOLD and s for e, s in zip(exact, same, strict=True))
    print(f"  at Jaccard 0.7 of word bigrams, dedup's rule, {hits} of {sum(same)} pairs are found: paraphrases need vectors or a judge")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    texts = texts_of(parser.parse_args().rows)
    speed(texts)
    planted(texts)
    paraphrases(Path(__file__).resolve().parents[2] / "shared/data/covid_qa/eval_question_similarity_en.csv")


if __name__ == "__main__":
    main()
