"""Rows out of a model's answer: thirty that are broken, each named or mended; any text gives rows or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.text.table_answers import csv_line, rows_in_csv, rows_in_json
from mintmark.text.table_schema import FAULTS, Unfit, columns_of, derived, row_of

COLUMNS = columns_of(
    {
        "age": {"type": "whole", "unit": "years", "low": 18, "high": 95},
        "sex": {"levels": ["f", "m"]},
        "kg": {"unit": "kg", "low": 30, "high": 200, "decimals": 1, "missing": 0.1},
        "seen": {"type": "date", "low": "2020-01-01"},
        "ratio": {"derive": "kg / (age - 20)", "decimals": 2},
    }
)
HEADER = ("age", "sex", "kg", "seen")


def judged(cells: object) -> object:
    """The row's values without the derived one, or the reason."""
    try:
        return {n: v for n, v in row_of(COLUMNS, derived(COLUMNS), cells, {}).items() if n != "ratio"}
    except Unfit as fault:
        assert fault.reason in FAULTS and fault.detail
        return fault.reason


FINE = {"age": 40, "sex": "f", "kg": 70.5, "seen": "2024-05-01"}
LINES = [  # a line of CSV -> the row, or what is wrong with it; None: no row at all
    ("40,f,70.5,2024-05-01", FINE),
    (" 40 , F , 70.5 kg , 2024-05-01 ", FINE),
    ('"40","f","70.5","2024-05-01"', FINE),
    ("40 years,f,70.54,2024-05-01", FINE),
    ("40.0,f,70.5,2024-05-01", FINE),
    ("40,f,,2024-05-01", {**FINE, "kg": None}),
    ("40,f,N/A,2024-05-01", {**FINE, "kg": None}),
    ("40,f,70.5", "not_a_row"),
    ("40,f,70.5,2024-05-01,extra", "not_a_row"),
    ('40,"f,70.5,2024-05-01', "not_a_row"),
    ("40 f 70.5 2024-05-01", "not_a_row"),
    ("I hope this helps!", "not_a_row"),
    (",f,70.5,2024-05-01", "missing"),
    ("40,null,70.5,2024-05-01", "missing"),
    ("forty,f,70.5,2024-05-01", "not_a_number"),
    ("40,f,70.5.1,2024-05-01", "not_a_number"),
    ("40,f,inf,2024-05-01", "not_a_number"),
    ("40,f,0x10,2024-05-01", "not_a_number"),
    ("40,f,７０,2024-05-01", "not_a_number"),
    ("40,f,1e999,2024-05-01", "not_a_number"),
    ("40,f,70.5 lb,2024-05-01", "not_a_number"),
    ("40,f,.,2024-05-01", "not_a_number"),
    ("40.5,f,70.5,2024-05-01", "not_whole"),
    ("17,f,70.5,2024-05-01", "below"),
    ("210,f,70.5,2024-05-01", "above"),
    ("40,f,-70.5,2024-05-01", "below"),
    ("40,x,70.5,2024-05-01", "not_one_of"),
    ("40,f,70.5,01/05/2024", "not_a_date"),
    ("40,f,70.5,2024-02-30", "not_a_date"),
    ("40,f,70.5,2019-12-31", "below"),
    ("20,f,70.5,2024-05-01", "not_computable"),
    ("---,---,---,---", None),
    ("age,sex,kg,seen", None),
    ("```", None),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_malformed_csv(line: str, expected: object) -> None:
    first, *rest = rows_in_csv(f"Here are the rows:\nage,sex,kg,seen\n33,m,80.0,2023-01-01\n{line}\n", HEADER)
    assert judged(first) == {"age": 33, "sex": "m", "kg": 80.0, "seen": "2023-01-01"}
    assert [judged(r) for r in rest] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"rows": [{"a": 1}, {"a": 2}]}', [{"a": 1}, {"a": 2}]),
        ('```json\n[{"a": 1},]\n```', [{"a": 1}]),
        ("Sure:\n[{'a': 1}, {a: 2}]", [{"a": 1}, {"a": 2}]),
        ('{"a": 1}\n{"a": 2}', [{"a": 1}, {"a": 2}]),
        ('{"rows": [{"a": 1}, {"a": "}"}, {"a": 3', [{"a": 1}, {"a": "}"}]),
        ('[{"a": 1}, "b", 3]', [{"a": 1}, "b", 3]),
        ("nothing here", []),
        ("", []),
        ("[]", []),
        ("[" * 500, []),
        ('{"a": NaN}', ['{"a": NaN}']),
        ('[{"a": 1}, {"a": NaN}, {"a": 3}]', [{"a": 1}, '{"a": NaN}', {"a": 3}]),
        ('First: [{"a": 1}] and [or less] then [{"a": 2}].', [{"a": 1}, {"a": 2}]),
        ('```json\n[{"a": 1}]\n```\n```json\n[{"a": 2}, {"a":\n```', [{"a": 1}, {"a": 2}]),
        ('Form: {"a": "..."}\n[{"a": 1}]', [{"a": "..."}, {"a": 1}]),
        ('{"status": "ok", "rows": [{"a": 1}], "count": 1}', [{"a": 1}]),
        ('{"result": {"rows": [{"a": 1}, {"a": 2}]}}', [{"a": 1}, {"a": 2}]),
        ('{"row 1": {"a": 1}, "row 2": {"a": 2}}', [{"a": 1}, {"a": 2}]),
        ('[{"a": {"x": 1}}]', [{"a": {"x": 1}}]),
        ('{"x":' * 90 + '{"a": 1}' + "}" * 90, [{"a": 1}]),
    ],
)
def test_json(text: str, expected: list[object]) -> None:
    assert rows_in_json(text, ("a",)) == expected


def test_tables_of_other_marks_and_another_order() -> None:
    row = {"age": "40", "sex": "f", "kg": "70", "seen": "2024-05-01"}
    assert rows_in_csv("| age | sex | kg | seen |\n|---|:--:|---|---|\n| 40 | f | 70 | 2024-05-01 |", HEADER) == [row]
    assert rows_in_csv("40;f;70;2024-05-01", HEADER) == rows_in_csv("40\tf\t70\t2024-05-01", HEADER) == [row]
    assert rows_in_csv("sex,age,kg,seen\nf,40,70,2024-05-01", HEADER) == [row]


def test_further_columns_and_cells_over_lines() -> None:
    row = {"age": "40", "sex": "f", "kg": "70", "seen": "2024-05-01"}
    assert rows_in_csv("nr,sex,age,kg,seen,note\n1,f,40,70,2024-05-01,ok", HEADER) == [row]
    assert rows_in_csv('40,f,"7\n0",2024-05-01\n40,f,70,2024-05-01', HEADER) == [{**row, "kg": "7\n0"}, row]
    assert rows_in_csv('40,f,"7,2024-05-01\n40,f,70,2024-05-01', HEADER)[-1] == row, "a quote that is never closed costs its own line"
    assert judged({"AGE": 40, " Sex ": "f", "KG": "70,5", "seen": "2024-05-01"}) == {**row, "age": 40, "kg": 70.5}


@given(st.text(max_size=200) | st.text('{}[]",:\n ab1', max_size=80))
def test_any_text(text: str) -> None:
    for cells in [*rows_in_csv(text, HEADER), *rows_in_json(text)]:
        assert isinstance(judged(cells), (dict, str))


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).filter(lambda t: not set(t) <= set("-:")), min_size=2, max_size=4
    )
)
def test_a_line_reads_back(cells: list[str]) -> None:
    header = [f"c{i}" for i in range(len(cells))]
    (row,) = rows_in_csv(f"{csv_line(header)}\n{csv_line(cells)}", header)
    assert list(row.values()) == cells
