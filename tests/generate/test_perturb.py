"""Typos stay inside words and are the row's own; labels flip as declared and are kept otherwise; what is no minimal edit is dropped."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each, kept, last, reasons
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.ports import Request
from mintmark.core.rows import Drop
from mintmark.generate.perturb import KINDS, Perturb, edit_share
from mintmark.text.typing_errors import with_typos

TEXT = "The room was warm and the breakfast was good"
FLIPS = {"negation": {"pos": "neg", "neg": "pos"}, "contrast": {"pos": "neg", "neg": "pos"}}


def edit(request: Request) -> str:
    """The text with one word changed; the kind stands in the prompt."""
    text = last(request).split("-----\n")[1].strip()
    return text.replace(" was ", " was not ", 1)


# -- typos ---------------------------------------------------------------------------------------------------------------
@given(st.text(max_size=80) | st.text("abcABC ,.1éß-", max_size=80), st.floats(0, 60), st.integers(0, 999))
@settings(max_examples=120, deadline=None)
def test_typos_touch_letters_alone(text: str, rate: float, seed: int) -> None:
    after = with_typos(text, rate, random.Random(seed))
    assert after == with_typos(text, rate, random.Random(seed))
    assert [c for c in after if not c.isalpha()] == [c for c in text if not c.isalpha()], "blanks, digits, marks stay in order"
    most = max(1, round(len(text) * rate / 100))
    assert abs(len(after) - len(text)) <= most
    words = [w for w in re.split(r"[^\W\d_]+", text) if w]
    assert [w for w in re.split(r"[^\W\d_]+", after) if w] == words, "no word is joined to another, none vanishes"


@given(st.text("abcdefghij", min_size=3, max_size=12), st.integers(0, 999))
@settings(max_examples=200, deadline=None)
def test_the_first_letter_stays_and_a_word_changes_little(word: str, seed: int) -> None:
    after = with_typos(word, 1, random.Random(seed))
    assert after[0] == word[0] and -1 <= len(after) - len(word) <= 1
    assert Counter(after) - Counter(word) == Counter() or sum((Counter(after) - Counter(word)).values()) == 1


def test_short_words_and_no_words_stay() -> None:
    for text in ("", "a b c", "12 34 56", "is it on", "?!"):
        assert with_typos(text, 50, random.Random(1)) == text
    assert reasons(each(Perturb(kinds=["typos"]), [{"text": "is it on"}, {"text": None}])) == ["unchanged", "unchanged"]


def test_all_kinds_of_typos_come_and_case_stays() -> None:
    made = {with_typos("HOUSE", 1, random.Random(i)) for i in range(300)}
    assert {"HUOSE", "HUSE", "HOOUSE", "HPUSE"} <= made and all(m.isupper() for m in made)


def test_typos_are_the_rows_own() -> None:
    rows = [{"text": TEXT}] * 30
    op = Perturb(kinds=["typos"], typos=5)
    first = [f["text"] for f in kept(each(op, rows))]
    assert first == [f["text"] for f in kept(each(op, rows, order=range(29, -1, -1)))]
    assert len(set(first)) > 20 and first != [f["text"] for f in kept(each(op, rows, seed=1))]


# -- labels --------------------------------------------------------------------------------------------------------------
@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4), st.integers(0, 99), st.booleans())
@settings(max_examples=40, deadline=None)
def test_labels_flip_as_declared_and_are_kept_otherwise(kinds: list[str], seed: int, negation_keeps: bool) -> None:
    flips = {k: v for k, v in FLIPS.items() if not (negation_keeps and k == "negation")}
    rows = [{"text": TEXT, "label": "pos"}, {"text": TEXT, "label": "neg"}] * 4
    for row, found in zip(rows, each(Perturb("text", kinds, "label", flips), rows, edit, seed=seed), strict=True):
        if isinstance(found, Drop):
            assert found.reason == "unchanged"
            continue
        got = found.values
        assert got["perturbation"] in kinds and got["perturbed_from"] == TEXT and got["text"] != TEXT
        assert (got["label"] != row["label"]) is (got["perturbation"] in flips)
        assert got["label"] in ("pos", "neg")


def test_every_kind_is_drawn_and_asked_for_in_words() -> None:
    prompts: list[str] = []
    rows = [{"text": TEXT, "label": "pos"}] * 200
    results = each(Perturb("text", [*KINDS], "label", FLIPS), rows, lambda r: prompts.append(last(r)) or edit(r))
    counts = Counter(f["perturbation"] for f in kept(results))
    assert set(counts) == set(KINDS) and min(counts.values()) > 20, "a fifth each, 200 rows"
    assert len(prompts) == 200 - counts["typos"] - reasons(results).count("unchanged"), "typos ask nobody"
    assert sum('becomes "neg" instead of "pos"' in p for p in prompts) == counts["contrast"]
    assert sum('"pos" is still the right label' in p for p in prompts) == counts["boundary"]
    op = Perturb("text", ["typos"])
    assert op.roles() == () and not op.estimate(Scene()) and any("2005.04118" in c for c in op.citations())


def test_a_label_outside_the_map() -> None:
    rows = [{"text": TEXT, "label": v} for v in ("pos", "mixed", None)]
    assert reasons(each(Perturb("text", ["contrast"], "label", FLIPS), rows, edit)) == ["kept", "no_flip", "no_flip"]
    assert reasons(each(Perturb("text", ["typos"], "label", FLIPS), rows)) == ["kept"] * 3


# -- what the model writes -----------------------------------------------------------------------------------------------
def test_a_contrast_that_is_another_text_is_dropped() -> None:
    """Beyond `most_edits` of the words; a paraphrase may change all."""
    rewrite = "A cold night and nothing to eat in the morning"
    row = [{"text": TEXT, "label": "pos"}]
    for kind in ("contrast", "negation"):
        found = each(Perturb("text", [kind], "label", FLIPS), row, lambda r: rewrite)
        assert reasons(found) == ["too_different"] and kind in found[0].detail
        assert reasons(each(Perturb("text", [kind], "label", FLIPS, most_edits=1.0), row, lambda r: rewrite)) == ["kept"]
    assert reasons(each(Perturb("text", ["paraphrase"], "label", FLIPS), row, lambda r: rewrite)) == ["kept"]


def test_the_old_text_again_is_unchanged() -> None:
    for again in (TEXT, TEXT.upper() + " !", "  " + TEXT):
        assert reasons(each(Perturb("text", ["paraphrase"]), [{"text": TEXT}], lambda r: again)) == ["unchanged"]


@pytest.mark.parametrize(("a", "b", "share"), [("a b c d", "a b c d", 0), ("a b c d", "a x c d", 0.25), ("a b", "c d", 1), ("", "", 1), ("a", "a b c d", 0.75),
                         ("a b c d", "b c d a", 0.25), ("A b", "a B", 0)])  # fmt: skip
def test_edit_share(a: str, b: str, share: float) -> None:
    assert edit_share(a, b) == pytest.approx(share)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"kinds": ["typo"]}, "no kind 'typo'"),
        ({"kinds": []}, "at least one"),
        ({"kinds": ["contrast"], "label": "label"}, "contrast needs flips"),
        ({"kinds": ["negation"], "flips": {"negation": {}}}, "flips needs label"),
        ({"kinds": ["typos"], "typos": 0}, "typos"),
        ({"kinds": ["negation"], "most_edits": 2}, "most_edits"),
        ({"kinds": ["contrast"], "label": "label", "flips": {"contrast": ["pos"]}}, "map of labels"),
    ],
)
def test_refused(params: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        Perturb.from_params(params, "perturb")


def test_a_prompt_of_ones_own() -> None:
    op = Perturb("text", ["paraphrase"], texts={"paraphrase": "Say it as a {{ who }}: {{ text }}"})
    assert op.reads(Scene()) == ("text", "who")
    assert kept(each(op, [{"text": TEXT, "who": "pirate"}], last))[0]["text"] == f"Say it as a pirate: {TEXT}"
