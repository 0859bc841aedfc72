"""CSV as spreadsheets write it elsewhere: semicolons or tabs, and commas in numbers; a comma in the header stays the separator."""

from __future__ import annotations

from pathlib import Path

import pytest

from mintmark.core.errors import InputError
from mintmark.stores.tables import read_table


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("name;price;note\nA;1,5;x,y\nB;;z\nC;-12;", {"name": ["A", "B", "C"], "price": [1.5, None, -12.0], "note": ["x,y", "z", None]}),
        ("name\tprice\nA\t1,5\n", {"name": ["A"], "price": ["1,5"]}),
        ("a|b\n1|2\n", {"a": [1], "b": [2]}),
        ("a;b,c\n1;2,3\n", {"a;b": ["1;2"], "c": [3]}),
        ('"a;b"\nx\n', {"a;b": ["x"]}),
        ("plz;tel\r\n04109;0341,5\r\n", {"plz": ["04109"], "tel": ["0341,5"]}),
    ],
)
def test_separator(tmp_path: Path, text: str, columns: dict[str, list[object]]) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    table = read_table("t", path)
    assert {c: table.column(c) for c in table.columns} == columns


def test_a_row_that_is_too_short_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;b\n1;2\n3\n")
    with pytest.raises(InputError, match="line 3: 1 cells, expected 2"):
        read_table("t", tmp_path / "t.csv")
