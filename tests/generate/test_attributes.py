"""attributes: AttrPrompt whole: uniform draws, conditions on every row, the filter, and preparation that is paid once a run."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import chisquare

import mintmark as mm
from conftest import check_books
from each import last, run_op
from mintmark.core.errors import ContentError, EndpointDown, RecipeError
from mintmark.models.scripted import ScriptedModel
from mintmark.prompting import built_in
from mintmark.stores.memory import MemoryStore

CLASSES = ["fee", "renewal", "room"]
FITS = {"fee": ["lost book", "late return"], "renewal": ["second loan", "by phone"], "room": ["projector", "quiet"]}
#: what the scripted model proposes for every class: its own, one that fits a similar class as well, one that has nothing to do with any
SHARED, IRRELEVANT = "at the desk", "volcanoes"
STYLES = ["plain", "terse", "polite", "angry"]


def reply(request: Any) -> Any:
    text = last(request)
    if "attribute dimensions" in text:
        return {"dimensions": [{"name": "Sub Topics", "class_dependent": True}, {"name": "style", "class_dependent": False}]}
    if "most similar to" in text:
        of = re.search('most similar to "(.+?)"', text)[1]  # type: ignore[index]
        return {"classes": [c.upper() for c in CLASSES if c != of] + ["no class at all"]}
    if "were proposed for the class" in text:
        of = re.search('The class is "(.+?)"', text)[1]  # type: ignore[index]
        assert (
            f"confused with it: {'renewal' if of == 'fee' else 'fee'}" in text and f". {SHARED}\n" in text and f". {IRRELEVANT}\n" in text
        )
        return {"values": [FITS[of][0].upper(), *FITS[of], "never proposed"]}
    if 'for the class "' in text:
        of = re.search('for the class "(.+?)"', text)[1]  # type: ignore[index]
        return {"values": [*FITS[of], SHARED, IRRELEVANT, FITS[of][0].title(), " "]}
    if "each of which fits every class" in text:
        return {"values": [*STYLES, "Plain", " terse "]}
    return f"one text on {text[:20]}"


def said(request: Any) -> str:
    made = reply(request)
    return made if isinstance(made, str) else json.dumps(made)


def op(**more: Any) -> mm.generate.Attributes:
    return mm.generate.Attributes(
        **{"of": "intent", "classes": CLASSES, "about": "messages to a library", "length": [20, 50, 80], "similar": 1, **more}
    )


def recipe(model: Any, n: int, *more: Any, **changed: Any) -> mm.Recipe:
    ops = [mm.generate.Grid({"intent": CLASSES, "k": list(range(n // 3))}), op(**changed), *more]
    return mm.Recipe("attr", ops=ops, models={"writer": model})


WRITE = mm.generate.Write(prompt=built_in("attributed"), column="text")


def test_uniform_draws_over_5000_rows() -> None:
    """Methods 1.2: chi-square of the drawn attributes against uniform, p > 0.01; every row carries its conditions; preparation is paid once."""
    model = ScriptedModel(said)
    run = mm.run(
        recipe(model, 5_001, mm.generate.Write(prompt="{{ attributes.style }} {{ k }} {{ intent }}", column="text")),
        store=MemoryStore(),
        seed=1,
        report=False,
    )
    rows = run.rows()
    assert len(rows) == 5_001 and run.manifest["failed"] == 0
    draws = Counter(("style", r["attributes"]["style"]) for r in rows)
    assert {v for _, v in draws} == set(STYLES), "a value that is told twice is drawn once as often as the others"
    tests = [list(draws.values()), list(Counter(r["words_min"] for r in rows).values())]
    for of in CLASSES:
        found = Counter(r["attributes"]["sub_topics"] for r in rows if r["intent"] == of)
        assert set(found) == set(FITS[of]), "what fits a similar class, and what is irrelevant, is dropped"
        tests.append(list(found.values()))
        tests.append(list(Counter((r["attributes"]["style"], r["words_min"]) for r in rows if r["intent"] == of).values()))
    assert [len(t) for t in tests] == [4, 3, 2, 12, 2, 12, 2, 12]
    assert all(chisquare(t).pvalue > 0.01 for t in tests), [round(chisquare(t).pvalue, 4) for t in tests]
    for r in rows:
        assert set(r["attributes"]) == {"sub_topics", "style"} and r["class_name"] == r["intent"] and r["about"] == "messages to a library"
        assert r["words_min"] in (20, 50, 80) and r["words_max"] == r["words_min"] + 50
        assert len(r["similar"]) == 1 and r["similar"][0] in CLASSES and r["similar"][0] != r["intent"]
    assert model.calls == 5_001 + 1 + 3 + 3 + 3 + 1, "dimensions once; per class: similar, values, filter; style once"


def test_given_dimensions_cost_only_what_is_left_open() -> None:
    model = ScriptedModel(said)
    given = {"style": STYLES, "location": ["Ulm", "Rome"]}
    run = mm.run(recipe(model, 30, WRITE, dimensions=given, similar=5, length=None), store=MemoryStore(), report=False)
    assert model.calls == 30 == run.manifest["kept"], "all classes are similar where there are no more than asked"
    assert all(r["words_min"] is None and r["words_max"] is None for r in run.rows())
    model = ScriptedModel(said)
    mm.run(
        recipe(model, 30, WRITE, dimensions={"sub_topics": "per_class", "style": "auto"}, similar=2, check_values=False),
        store=MemoryStore(),
        report=False,
    )
    assert model.calls == 30 + 3 + 1


def test_the_prompt_gets_all_of_it_and_length_checks_it() -> None:
    """`attributed` and `length` use what attributes writes, whatever the class column is called."""
    seen: list[str] = []

    def answer(request: Any) -> Any:
        text = last(request)
        if not text.startswith("Write one example"):
            return said(request)
        seen.append(text)
        low, high = map(int, re.search(r"between (\d+) and (\d+) words", text).groups())  # type: ignore[union-attr]
        return " ".join(["word"] * (low if len(seen) % 3 == 0 else high if len(seen) % 3 == 1 else high + 1))

    length = mm.curate.Length.from_params({"column": "text", "words": ["words_min", "words_max"]}, "length")
    run = mm.run(recipe(ScriptedModel(answer), 30, WRITE, length), store=MemoryStore(), report=False)
    assert len(seen) == 30 and run.manifest["kept"] == 20 and run.manifest["dropped"] == 10
    for r in run.rows():
        assert r["words_min"] <= len(r["text"].split()) <= r["words_max"]
        (text,) = {t for t in seen if f"Its class is {r['intent']}." in t and r["attributes"]["sub_topics"] in t and r["attributes"]["style"] in t
                   and f"between {r['words_min']} and" in t}  # fmt: skip
        assert f"must not fit {r['similar'][0]}." in text and "messages to a library" in text


def test_preparation_is_recalled_on_resume(tmp_path: Path) -> None:
    """The endpoint dies after the preparation; the second session asks none of it again."""
    asked: list[str] = []
    dead = True

    async def answer(request: Any) -> Any:
        text = last(request)
        if text.startswith("Write one example"):
            if dead and sum(t.startswith("Write") for t in asked) >= 6:
                raise EndpointDown("gone")
        asked.append(text)
        return said(request)

    model = ScriptedModel(answer)
    first = mm.run(recipe(model, 30, WRITE), out=tmp_path / "out", report=False, concurrency=2)
    prepared = [t for t in asked if not t.startswith("Write one example")]
    assert first.exit_code == 3 and len(prepared) == 11 == len(set(prepared))
    assert check_books(tmp_path / "out")["pending"] > 0
    dead, before = False, len(asked)
    second = mm.run(recipe(model, 30, WRITE), out=tmp_path / "out", report=False, concurrency=2)
    again = asked[before:]
    assert second.status == "complete" and all(t.startswith("Write one example") for t in again)
    assert check_books(tmp_path / "out")["kept"] == 30 and len(again) == 30 - (before - 11)
    assert second.manifest["calls"] == 41
    clean = mm.run(recipe(ScriptedModel(answer), 30, WRITE), store=MemoryStore(), report=False)
    assert clean.rows() == second.rows()


def test_a_class_without_a_value_of_its_own_fails_alone() -> None:
    def answer(request: Any) -> Any:
        if "were proposed" in last(request) and 'The class is "room"' in last(request):
            return {"values": []}
        return reply(request)

    found, asked = run_op(op(), [{"intent": c} for c in ("fee", "room", "room")], answer)
    assert found[0].values["attributes"] and all(isinstance(f, ContentError) and f.reason == "attributes" for f in found[1:])
    assert sum("were proposed" in last(r) for r in asked) == 2, "what failed is not asked for every row"


def test_blank_values_and_unknown_classes_are_asked_again() -> None:

    def answer(request: Any) -> Any:
        first = replace(request, messages=request.messages[:2])
        if request.attempt == 0 and "fits every class" in last(first):
            return {"values": ["  "]}
        if request.attempt == 0 and "most similar" in last(first):
            return {"classes": ["nonsense"]}
        return reply(first)

    (row,), asked = run_op(op(), [{"intent": "fee"}], answer)
    assert sum(r.attempt == 1 for r in asked) == 2
    assert row.values["attributes"]["style"] in STYLES and row.values["similar"] == ["renewal"]


@pytest.mark.parametrize(
    "params, words",
    [
        ({"of": "a", "classes": [], "about": "x"}, "classes"),
        ({"of": "a", "classes": ["x"], "about": "x", "dimensions": "some"}, "auto"),
        ({"of": "a", "classes": ["x"], "about": "x", "dimensions": {"style": 3}}, "style"),
        ({"of": "a", "classes": ["x"], "about": "x", "values": 0}, "at least 1"),
    ],
)
def test_refused(params: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        mm.generate.Attributes.from_params(params, "attributes")


def test_a_dimension_called_length_is_drawn_apart_from_l() -> None:
    given = {"length": ["a", "b", "c"]}
    found, _ = run_op(op(dimensions=given, similar=5), [{"intent": "fee"}] * 300, said)
    assert len({(r.values["attributes"]["length"], r.values["words_min"]) for r in found}) == 9
