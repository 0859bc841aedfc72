"""pii: redact across the columns of a row, inside messages; flag; drop; nothing found reaches the ledger; a run by the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import check_books, ledger, lines, mintmark, write_recipe
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.rows import Drop, Row


def one(op: mm.curate.Pii, **values: Any) -> Any:
    result = op.each(Row("r", values), Context())
    return dict(result.values) if isinstance(result, Row) else result


def test_a_row_has_one_numbering() -> None:
    op = mm.curate.Pii(columns=("question", "answer"))
    assert one(op, question="I am a@x.org", answer="Hello a@x.org and b@x.org <EMAIL_1>", other="c@x.org") == {
        "question": "I am <EMAIL_2>", "question_pii": ["EMAIL"],
        "answer": "Hello <EMAIL_2> and <EMAIL_3> <EMAIL_1>", "answer_pii": ["EMAIL"], "other": "c@x.org",
    }  # fmt: skip


def test_messages_and_values_that_are_no_text() -> None:
    messages = [{"role": "user", "content": "card 4111111111111111"}, {"role": "assistant", "content": ["ok", None, True, 3]}]
    made = one(mm.curate.Pii("messages"), messages=messages)
    assert made["messages"] == [{"role": "user", "content": "card <CARD_1>"}, messages[1]] and made["messages_pii"] == ["CARD"]
    assert one(mm.curate.Pii("messages"), messages=None) == {"messages": None, "messages_pii": []}
    assert one(mm.curate.Pii("messages"), messages=4111111111111111)["messages"] == "<CARD_1>"
    assert one(mm.curate.Pii("messages"), messages=17) == {"messages": 17, "messages_pii": []}


def test_cells_are_known_by_the_name_of_their_column() -> None:
    values = {
        "phone": "4155552671", "ssn": "536904399", "full_name": "Zbigniew Qwertz", "password": "hunter22", "dob": "1974-03-12", "cc": 4111111111111111.0, "n": 12345678.0,
        "more": {"phone_number": "612345678", "bob@example.com": "x"}, "text": "4155552671",
    }  # fmt: skip
    columns = tuple(values)
    row = mm.curate.Redact(columns=columns).redacted(Row("r", values))
    assert row.values["phone"] == "<PHONE_1>" and row.values["ssn"] == "<US_SSN_1>" and row.values["full_name"] == "<PERSON_1>"
    assert row.values["password"] == "<SECRET_1>" and row.values["dob"] == "<BIRTH_DATE_1>" and row.values["cc"] == "<CARD_1>"
    assert row.values["more"] == {"phone_number": "<PHONE_2>", "<EMAIL_1>": "x"} and row.values["n"] == 12345678.0
    assert row.values["text"] == "4155552671", "a number alone, of which no name says what it is"
    assert mm.curate.Redact(columns=columns).found(Row("r", values))["phone"] == ["PHONE"]


def test_flag_and_drop() -> None:
    text = "Mr. Stone, a@x.org, b@x.org"
    assert one(mm.curate.Pii("t", action="flag"), t=text) == {"t": text, "t_pii": ["EMAIL", "PERSON"]}
    assert one(mm.curate.Pii("t", action="drop"), t=text) == Drop("pii", "EMAIL 2, PERSON 1")
    assert one(mm.curate.Pii("t", action="drop", types=("CARD",)), t=text) == {"t": text, "t_pii": []}


@pytest.mark.parametrize(
    "wrong", [{}, {"column": "t", "columns": ["t"]}, {"column": "t", "types": ["MAIL"]}, {"column": "t", "regions": ["de"]}]
)
def test_parameters_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Pii.from_params(wrong, "pii")


def test_nothing_found_is_written_down(tmp_path: Path) -> None:
    secrets = ["bob@example.org", "4111 1111 1111 1111", "hunter22"]
    rows = [f"mail {secrets[0]}", f"pay {secrets[1]}", f"password: {secrets[2]}", "nothing here"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in rows))
    recipe = write_recipe(
        tmp_path, "name: p\ntables: {rows: rows.jsonl}\nsteps:\n  - read: {from: rows}\n  - pii: {column: text, action: drop}\n"
    )
    done = mintmark("run", recipe, "--out", tmp_path / "runs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = next(p.parent for p in (tmp_path / "runs").rglob("manifest.json"))
    assert check_books(folder)["kept"] == 1 and [r["text"] for r in lines(folder / "data.jsonl")] == ["nothing here"]
    assert [r["detail"] for r in ledger(folder) if r["state"] == "dropped"] == ["EMAIL 1", "CARD 1", "SECRET 1"]
    told = str(ledger(folder)) + (folder / "report.html").read_text() + (folder / "README.md").read_text() + done.stdout + done.stderr
    assert not [s for s in secrets if s in told]
