"""Swapping twice gives the text back, always; Winogender's authors wrote the counterfactuals that come out; capitals, names, addresses."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mintmark.text.gender_words import NAMES, ONE_WAY, PAIRS
from mintmark.text.swaps import Swaps

GENDER = Swaps()
RACE = Swaps({"black": "white", "African American": "European American", "Jamal": "Jake"}, ("black", "white"), gender=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Her father told him that she missed her.", "His mother told her that he missed him."),
        ("HE lost His hat; the hat is his, not hers.", "SHE lost Her hat; the hat is hers, not his."),
        ("I saw her leave with her sister's dog.", "I saw him leave with his brother's dog."),
        ("They let her go and gave her two days.", "They let him go and gave him two days."),
        ("It was her highly paid job, and it paid her badly.", "It was his highly paid job, and it paid him badly."),
        ("The hat is his and nobody else's.", "The hat is hers and nobody else's."),
        ("his/her mother-in-law, his/her own", "her/his father-in-law, her/his own"),
        ("John's wife met JOHN and Mr Poe", "Patricia's husband met PATRICIA and Ms Poe"),
        ("A king ate at Burger King in Boys Town with King Charles.", "A queen ate at Burger King in Girls Town with Queen Karen."),
        ("MEN ARE BETTER. Men Are Better Than Women.", "WOMEN ARE BETTER. Women Are Better Than Men."),
        ("man-made, see http://a.org/men/his or him@a.org, he said", "man-made, see http://a.org/men/his or him@a.org, she said"),
        ("He’s sure that she’d say “his”.", "She’s sure that he’d say “hers”."),
        ("The fiancée kept her wedding ring.", "The fiancé kept his wedding ring."),
    ],
)
def test_words_in_their_sentence(text: str, expected: str) -> None:
    assert GENDER.swap(text).text == expected
    assert GENDER.swap(expected).text == text


@pytest.mark.parametrize(
    ("text", "why", "group"),
    [
        ("Mrs Dalloway", "not_reversible", "female"),
        ("They told him dinner was ready.", "not_reversible", "male"),
        ("Nothing here, mankind.", "no_words", None),
        ("will and grace, mark my words", "no_words", None),
    ],
)
def test_what_cannot_be_swapped_back_is_left(text: str, why: str, group: str | None) -> None:
    found = GENDER.swap(text)
    assert (found.text, found.why, found.group) == (text, why, group)


def test_groups_and_words_are_told() -> None:
    found = GENDER.swap("He saw the queen.")
    assert found.group == "both" and found.words == (("He", "She"), ("queen", "king"))
    assert GENDER.swap("He ran.").group == "male" and GENDER.swap("she ran").group == "female"


def test_pairs_of_ones_own() -> None:
    text = "Jamal, a Black African American, wore black; jamal wore AFRICAN AMERICAN shirts. He is his."
    assert RACE.swap(text).text == "Jake, a White European American, wore white; jamal wore EUROPEAN AMERICAN shirts. He is his."
    mine = Swaps({"nurse": "doctor", "he": "they", "man": "person"})
    assert mine.swap("he told the man and the nurse about his sister").text == "they told the person and the doctor about her brother"
    for pairs in ({"a": "b", "b": "c"}, {"a": "a"}, {"A": "a"}, {"": "x"}):
        with pytest.raises(ValueError, match="one pair alone"):
            Swaps(pairs)
    with pytest.raises(ValueError, match="no pairs"):
        Swaps(gender=False)
    with pytest.raises(ValueError, match="two names"):
        Swaps(groups=("male", "both"))


def test_the_table_is_one_to_one() -> None:
    words = [w for pair in (*PAIRS, *NAMES) for w in pair]
    assert [w for w, n in Counter(words).items() if n > 1] == []
    assert not set(ONE_WAY) & set(words) and set(ONE_WAY.values()) <= set(words)
    assert all(w == w.lower() for p in PAIRS for w in p) and all(w[0].isupper() for p in NAMES for w in p)


PIECES = st.sampled_from(
    "he she her his him hers Her HIS him. her, King Queen Burger Mr Ms Mrs guy John Mary JOHN mary's saw let gave told made go two quickly very the "
    "dinner walking and / - ' ’ her/his I. \n a.b/c/d man-made mother-in-law ß ǅ fiancée Sir “her” ma’am".split(" ")
)


@given(st.lists(PIECES, max_size=14).map(" ".join) | st.lists(PIECES, max_size=9).map("".join) | st.text(max_size=60))
@example("saw her walking")
@settings(max_examples=400, deadline=None)
def test_swapping_is_an_involution(text: str) -> None:
    for swaps in (GENDER, RACE):
        found = swaps.swap(text)
        again = swaps.swap(found.text)
        assert again.text == text if found.text != text else again == found
        assert (found.text != text) == (not found.why)


def test_a_long_text_is_left_and_a_hostile_one_is_quick() -> None:
    assert GENDER.swap("he " * 400_000).why == "too_long"
    assert GENDER.swap("her/" * 20_000 + "her").why in ("", "not_reversible", "no_words")
    assert GENDER.swap("a" * 100_000 + " he").text.endswith(" she")


def test_winogender_and_crows_pairs(data: Path) -> None:
    lines = (data / "bias_pairs" / "all_sentences.tsv").read_text("utf-8").splitlines()[1:]
    sentences = dict(line.split("\t") for line in lines)
    right = 0
    for name, text in sentences.items():
        found = GENDER.swap(text)
        gender = name.split(".")[-2]
        if gender == "neutral":
            assert found.why == "no_words", text
            continue
        other = {"male": "female", "female": "male"}[gender]
        assert found.group == gender and GENDER.swap(found.text).text == text
        right += found.text == sentences[name.replace(f".{gender}.", f".{other}.")]
    assert len(sentences) == 720 and right == 480, "the counterfactual is the sentence that the authors wrote for the other gender"
    with (data / "bias_pairs" / "crows_pairs_anonymized.csv").open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    told: Counter[str] = Counter()
    for pair in pairs:
        for text in (pair["sent_more"], pair["sent_less"]):
            found = GENDER.swap(text)
            told[found.why or "swapped"] += 1
            if found.why:
                assert found.text == text
            else:
                assert found.text != text and GENDER.swap(found.text).text == text
    print(dict(told))
    assert sum(told.values()) == 2 * 1508 and told["swapped"] >= 1_900 and told["not_reversible"] <= 45
