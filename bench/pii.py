"""Precision and recall of text/pii.py per entity on a Presidio-research file of labelled texts, false finds on texts without personal data, speed.

    python bench/pii.py synth_dataset_v2.json [--none numbers.jsonl ...] [--made 40]
    python bench/pii.py bench/pii_marked.txt                hostile sentences of our own, marked

--made: values by Faker (pip install faker) in ten locales, in sentences of ours that the rules were not written for; streets after one round with it.

found: labelled spans that a find of the type covers, two letters or signs at an edge aside. any: covered by finds of any type together (what redaction hides).
right: finds of the type that touch a labelled span of a type that it may be. Intervals are Wilson, 95 %.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
from mintmark.stats.intervals import wilson
from mintmark.text.pii import TYPES, find

LABELS = {
    "CARD": ("CREDIT_CARD",), "EMAIL": ("EMAIL_ADDRESS",), "IBAN": ("IBAN_CODE",), "IP": ("IP_ADDRESS",), "URL": ("DOMAIN_NAME",),
    "PHONE": ("PHONE_NUMBER",), "US_SSN": ("US_SSN",), "DRIVING_LICENCE": ("US_DRIVER_LICENSE",), "PERSON": ("PERSON",),
    "ADDRESS": ("STREET_ADDRESS", "ZIP_CODE", "GPE"),
}  # fmt: skip


def measure(rows: list[dict[str, Any]]) -> dict[str, dict[str, tuple[int, int]]]:
    """type -> {found, any, right}: (how many, of how many)."""
    tally: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found = find(row["full_text"], TYPES)
        for kind, labels in LABELS.items():
            of_kind = [f for f in found if f.type == kind]
            for span in (s for s in row["spans"] if s["entity_type"] == labels[0]):
                start, end = span["start_position"], span["end_position"]
                tally[kind, "gold"] += 1
                for what, some in (("found", of_kind), ("any", found)):
                    hidden = sum(max(0, min(end, f.end) - max(start, f.start)) for f in some)
                    tally[kind, what] += hidden >= min(end - start, max(1, end - start - 2))
            for f in of_kind:
                tally[kind, "finds"] += 1
                tally[kind, "right"] += any(
                    s["entity_type"] in labels and f.start < s["end_position"] and s["start_position"] < f.end for s in row["spans"]
                )
    return {
        k: {
            "found": (tally[k, "found"], tally[k, "gold"]),
            "any": (tally[k, "any"], tally[k, "gold"]),
            "right": (tally[k, "right"], tally[k, "finds"]),
        }
        for k in LABELS
    }


def marked(path: Path) -> None:
    """Prints how many marked values are found as what they are, how many finds touch none, and which these are."""
    for part, lines in enumerate(path.read_text().split("---\n")[1:], 1):
        hits = gold = finds = 0
        for line in lines.splitlines():
            line = re.sub(r"\\(?:x..|u....|U.{8}|[nt\\])", lambda m: m[0].encode().decode("unicode_escape"), line)
            pieces = re.split("«([A-Z_]+)[|]([^»]*)»", line)
            text, at, spans = "".join(p for i, p in enumerate(pieces) if i % 3 != 1), 0, []
            for before, kind, value in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=False):
                spans.append((kind, at + len(before), at + len(before + value)))
                at = spans[-1][2]
            found = find(text)
            wrong = [f for f in found if not any(f.start < end and start < f.end for _, start, end in spans)]
            missed = [s for s in spans if not any(f.type == s[0] and f.start <= s[1] and s[2] <= f.end for f in found)]
            hits, gold, finds = hits + len(spans) - len(missed), gold + len(spans), finds + len(wrong)
            for what, some in (("missed", missed), ("false", wrong)):
                for kind, start, end in some:
                    print(f"  {what} {kind} {text[start:end]!r} in {text!r}")
        print(f"part {part}: {len(lines.splitlines())} sentences, recall {shown((hits, gold))} precision {shown((hits, hits + finds))}")


LOCALES = "en_US en_GB de_DE fr_FR es_ES it_IT nl_NL pl_PL sv_SE pt_BR".split()
SENTENCES = {
    "EMAIL": ["You can write to {} any time.", "{}"], "CARD": ["I paid with {} yesterday."], "IBAN": ["Please transfer it to {} today."],
    "PHONE": ["You can reach our shop on {} after six.", "Phone: {}"], "IP": ["The request came from {} last night."], "MAC": ["The device {} was seen."],
    "PERSON": ["Yesterday I met {} at the fair.", "My name is {}.", "Dear {},\nthank you.", "Mr. {} called."], "ADDRESS": ["They moved to {} last year."],
    "national": ["My number is {}."],
}  # fmt: skip


def made(n: int) -> None:
    """Prints, for each kind and sentence, the share of values that are covered, in all and by locale."""
    from faker import Faker

    fakers = {locale: Faker(locale) for locale in LOCALES}
    methods = {"EMAIL": "email", "CARD": "credit_card_number", "IBAN": "iban", "PHONE": "phone_number", "IP": "ipv4", "MAC": "mac_address", "ADDRESS": "street_address", "national": "ssn"}  # fmt: skip
    for kind, sentences in SENTENCES.items():
        for sentence in sentences:
            hits: Counter[str] = Counter()
            for locale, fake in fakers.items():
                fake.seed_instance(5)
                for _ in range(n):
                    value = f"{fake.first_name()} {fake.last_name()}" if kind == "PERSON" else str(getattr(fake, methods[kind])())
                    text = sentence.format(value)
                    start = text.index(value)
                    found = [f for f in find(text) if f.type == kind or kind == "national"]
                    hits[locale] += sum(max(0, min(start + len(value), f.end) - max(start, f.start)) for f in found) >= len(value) - 2
            by_locale = " ".join(f"{locale[-2:]} {hits[locale] / n:.2f}" for locale in LOCALES)
            print(f"{kind:9s} {sentence[:38]!r:42s} {shown((sum(hits.values()), n * len(LOCALES)))}  {by_locale}")


def shown(part: tuple[int, int]) -> str:
    low, high = wilson(*part) if part[1] else (0.0, 1.0)
    return f"{part[0]:4d}/{part[1]:<4d} {part[0] / max(1, part[1]):.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--none", type=Path, nargs="*", default=[])
    parser.add_argument("--made", type=int, default=0)
    given = parser.parse_args()
    if given.file.suffix == ".txt":
        return marked(given.file)
    rows = json.loads(given.file.read_text())
    begun = time.process_time()
    table = measure(rows)
    seconds = time.process_time() - begun
    print(f"{'type':16s} {'recall':29s} {'covered by any type':29s} precision")
    for kind, parts in table.items():
        print(f"{kind:16s} {shown(parts['found'])} {shown(parts['any'])} {shown(parts['right'])}")
    print(f"{len(rows)} texts, {sum(len(r['full_text']) for r in rows)} characters: {seconds:.2f} CPU s")
    for path in given.none:
        texts = path.read_text().splitlines()
        finds = Counter(f.type for t in texts for f in find(t))
        print(f"{path.name}: {len(texts)} texts, finds {dict(finds)}")
    if given.made:
        made(given.made)


if __name__ == "__main__":
    main()
