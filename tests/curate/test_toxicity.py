"""toxicity: our own forty sentences, disguises, words inside words, the user's list from a file, speed."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mintmark as mm
from conftest import check_books, ledger, mintmark, write_recipe
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.rows import Drop, Row
from mintmark.text.toxicity import WORDS, hits

HARM = """\
You are an idiot.|Shut up, nobody asked.|What a m0r0n!|Go to hell|1d10t, all of you|You're such a looooser|I hate you so much|This is sh!t
Drop dead.|He called back, the bastard|s c u m|You SUCK|an utter b1tch|Piss off!|stupid, stupid man|you @sshole|i will kill you tomorrow|wånker
What a load of bullshit|f.u.c.k that""".replace("\n", "|").split("|")
FINE = """\
Scunthorpe is a town in England.|The assassin passed the class.|Dick Turpin rode to York.|A cocktail with two bass players.|The analysis is in Sussex.
I hate waiting in line.|Kill the process with number 42.|The hellebore blooms early.|She lost the match.|A dumb waiter is a small lift.|Jerky is dried meat.
The idiom means something else.|They shut the upper gate.|Pricked by a needle|Scummy ponds need care|damning evidence|a prickly pear|Screws and nails|10 01 1337
He wrote the word "stupid" on the board.""".replace("\n", "|").split("|")


def one(text: Any, **params: Any) -> Any:
    result = mm.curate.Toxicity("t", **params).each(Row("r", {"t": text}), Context())
    return dict(result.values) if isinstance(result, Row) else result


def test_measured() -> None:
    assert len(HARM) == len(FINE) == 20
    assert [t for t in HARM if not hits(t)] == []
    assert [t for t in FINE if hits(t)] == [FINE[-1]], "a quotation is beyond it"


def test_customers(data: Path) -> None:
    """Measured on 3,080 bank questions: the drops are few, and are what the list says."""
    with (data / "banking77" / "test.csv").open() as file:
        found = [h for r in csv.DictReader(file) for h in hits(r["text"])]
    assert len(found) <= 6, found


def test_lists_and_actions() -> None:
    assert one("Shut up, you idiot.") == Drop("toxic", "shut up 1, idiot 1")
    assert one("Shut up, you idiot.", most=2) == {"t": "Shut up, you idiot."} and one(None) == {"t": None}
    assert one("Get LOST, n1tw1t!", words=("nitwit", "get lost"), action="flag")["t_toxicity"] == ["get lost", "nitwit"]
    assert one("idiot nitwit", words="# mine\nnitwit\n\n", built_in=False) == Drop("toxic", "nitwit 1")
    assert one("Dummkopf, блин", words=("блин",), built_in=False) == Drop("toxic", "блин 1")


@pytest.mark.parametrize("wrong", [{"words": "# none", "built_in": False}, {"words": ["--"]}, {"most": -1}])
def test_parameters_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Toxicity.from_params({"column": "t", **wrong}, "toxicity")


def test_list_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("# mine\nnitwit\nget lost\n")
    (tmp_path / "rows.jsonl").write_text('{"t": "you nitwit"}\n{"t": "get  lost!"}\n{"t": "you idiot"}\n')
    recipe = write_recipe(
        tmp_path,
        "name: x\ntables: {rows: rows.jsonl}\nsteps:\n  - read: {from: rows}\n"
        "  - toxicity: {column: t, words: {file: words.txt}, built_in: false}\n",
    )
    done = mintmark("run", recipe, "--out", tmp_path / "runs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = next(p.parent for p in (tmp_path / "runs").rglob("manifest.json"))
    assert check_books(folder)["kept"] == 1
    assert sorted(r["detail"] for r in ledger(folder) if r["state"] == "dropped") == ["get lost 1", "nitwit 1"]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from([*HARM, *FINE, "!", "|"]), max_size=4).map(" ".join)))
@settings(max_examples=100, deadline=None)
def test_any_text(text: str) -> None:
    assert set(hits(text)) <= set(WORDS)


@pytest.mark.parametrize("piece", ["a", "a ", "1!", "shut "])
def test_linear(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    begun = time.process_time()
    hits(text)
    assert time.process_time() - begun < 8
