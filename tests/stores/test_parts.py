"""data.parquet keeps what rows hold: records stay typed, mappings whose keys are data become JSON text, nothing is lost past the first batch."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.stores.parts import write_rows


def written(rows: list[dict[str, Any]], batch: int = 2_000) -> pa.Table:
    sink = io.BytesIO()
    write_rows(sink, lambda: iter(rows), batch)
    sink.seek(0)
    return pq.read_table(sink)


def test_records_stay_typed() -> None:
    rows = [{"candidates": [{"text": "a", "model": "m", "temperature": None}, {"text": "b", "model": "m", "temperature": 0.5}], "n": 1}] * 3
    table = written(rows)
    assert table.to_pylist() == rows and pa.types.is_nested(table.schema.field("candidates").type)


def test_optional_fields_of_messages_stay_typed() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]}
    rows = [{"messages": [{"role": "user", "content": "hi"}, call, {"role": "tool", "content": "{}", "tool_call_id": "c"}]}]
    found = written(rows).to_pylist()[0]["messages"]
    assert [{k: v for k, v in m.items() if v is not None or k == "content"} for m in found] == rows[0]["messages"]


def test_keys_that_come_after_the_first_batch_are_not_lost() -> None:
    rows = [{"a": {"x": 1}}] * 5 + [{"a": {"y": 2}}, {"a": None}, {"a": {"x": 1, "y": 3}}]
    for batch in (1, 2, 5, 100):
        cells = written(rows, batch).column("a").to_pylist()
        assert [None if c is None else {k: v for k, v in (json.loads(c) if isinstance(c, str) else c).items() if v} for c in cells] == [
            r["a"] for r in rows
        ]


def test_arguments_of_many_tools_and_none() -> None:
    rows = [{"calls": [{"name": n, "arguments": a}]} for n, a in (("f", {"x": 1}), ("g", {"y": "s", "z": 2}), ("h", {}), ("i", {"q": [1]}))]
    assert [json.loads(c) for c in written(rows).column("calls").to_pylist()] == [r["calls"] for r in rows]
    assert json.loads(written([{"calls": {}}]).to_pylist()[0]["calls"]) == {}, "Parquet has no struct without fields"


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)


def plain(value: Any) -> Any:
    """Without absent keys and empty differences: what a typed record may change is that a missing key reads as null."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if v is not None}
    return [plain(v) for v in value] if isinstance(value, list) else value


@given(st.lists(VALUE, min_size=1, max_size=8), st.integers(1, 4))
@settings(max_examples=400, deadline=None)
def test_nothing_is_lost(cells: list[Any], batch: int) -> None:
    column = written([{"id": str(i), "v": c} for i, c in enumerate(cells)], batch).column("v")
    text = pa.types.is_string(column.type) and not all(c is None or isinstance(c, str) for c in cells)
    for cell, back in zip(cells, column.to_pylist(), strict=True):
        if text and back is not None and not isinstance(cell, str):
            back = json.loads(back)
        assert plain(back) == plain(cell)
