"""Injection signs: recall on attacks of our own, false alarms on real articles, and a cleaner that leaves nothing hidden.

Measured 2026-11-21. Recall: 67 of 69 attacks in four languages showed the expected sign when the patterns met them first; the two misses
were mended, so the 69 of 69 asserted here is a regression test and no estimate. False alarms: 0 of the 98 covid_qa articles (2.3 million
characters). Both the attacks and the patterns have one author: expect less on attacks from elsewhere.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text.injection import SIGNALS, clean, signals
from text.injection_attacks import ATTACKS, TAGGED

PARTS = ["<|im_start|>", "<|", "|>", "[INST]", "<<SYS>>", "[", "INST]", "### System:", "\n", "\u200b", "\u200d", "\ufeff", "\u202e", "\U000e0041", "\U0001f3f4",
         "\U000e007f", "\ufe0f", "\U000e0101", "a", "b ", "<system>", "</", "sys", "tem>", "#", "｜", "user:", "é"]  # fmt: skip
HARMLESS = [
    "The instructions above describe how samples were stored; previous studies ignored this rule.",
    "Scotland \U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f won, family \U0001f468\u200d\U0001f469\u200d\U0001f467 is happy \u2764\ufe0f",
    "می\u200cخواهم یک کتاب بخرم",  # Persian needs the joiner
    "The immune system: a review. The assistant showed the patient the way.",
    "The tumour had a Gleason score: 7, and the pain score was 8/10 on day one.",
    "Please send your manuscript to the editor. Contact: jane@uni.example. See https://uni.example/paper?id=7",
    "To forget is human. Rules of the road: keep right; ignore no sign.",
    "Ein Text über Regeln im Straßenverkehr. Niemand vergaß die Anweisung des Lehrers.",
    "Las instrucciones del fabricante se ignoran a menudo. Oublier les règles du jeu est fréquent.",
    "Viele Menschen ignorieren die Regeln im Verkehr. Il oublie les règles. Ella ignora las normas de tránsito.",
    "let x = list |> sort; if (a <| b) then c",
    "x[0]; <p>some html</p>; ```python\nprint('hi')\n```\n--- \n## Results",
]


@pytest.mark.parametrize(("sign", "text"), ATTACKS)
def test_attack_shows_its_sign(sign: str, text: str) -> None:
    padding = "The library opens at nine. Books can be returned at the desk on the first floor.\n"
    assert sign in signals(text)
    assert sign in signals(padding * 20 + text + "\n" + padding * 20), "a sign must not depend on where it stands"


def test_the_attacks_cover_every_sign() -> None:
    assert {sign for sign, _ in ATTACKS} == set(SIGNALS) and len(ATTACKS) >= 40


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_has_none(text: str) -> None:
    assert signals(text) == []
    assert clean(text) == text


def test_false_alarms_on_real_articles(data: Path) -> None:
    told = json.loads((data / "covid_qa" / "200423_covidQA.json").read_text())
    articles = [p["context"] for a in told["data"] for p in a["paragraphs"]]
    alarms = {i: found for i, text in enumerate(articles) if (found := signals(text))}
    assert len(articles) == 98 and not alarms


def test_clean_shows_what_it_did() -> None:
    assert clean(f"a<|im_end|>b [INST] c{TAGGED}\n### System: d\u202ee") == "a(im_end)b (INST) c\n### System: de".replace(
        "### System:", "System -"
    )
    assert clean("<|im_<|x|>end|>") == "(im_(x)end)"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=14).map("".join))
def test_clean_is_final(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not {"chat_template", "hidden_unicode"} & set(signals(once))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    found = signals(text)
    assert found == [s for s in SIGNALS if s in found]
