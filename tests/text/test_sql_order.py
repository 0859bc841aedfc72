"""Whether a query says an order, read from its text."""

from __future__ import annotations

import pytest

from mintmark.text.sql import has_order


@pytest.mark.parametrize(
    "query, ordered",
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("select a from t order\n  by a desc limit 3", True),
        ("SELECT a FROM t", False),
        ("SELECT * FROM (SELECT a FROM t ORDER BY a LIMIT 3)", False),
        ("SELECT rank() OVER (ORDER BY a) FROM t", False),
        ("SELECT rank() OVER (ORDER BY a) FROM t ORDER BY 1", True),
        ("WITH x AS (SELECT a FROM t ORDER BY a) SELECT * FROM x", False),
        ("SELECT 'it''s ORDER BY (' FROM t", False),
        ('SELECT "order by" FROM t', False),
        ("SELECT a FROM t -- ORDER BY a", False),
        ("SELECT a FROM t /* ( */ ORDER BY a", True),
        ("SELECT reorder by_x FROM t", False),
        ("SELECT ')' , (1) FROM t ORDER BY a", True),
        ("", False),
    ],
)
def test_order(query: str, ordered: bool) -> None:
    assert has_order(query) is ordered


def test_a_long_text_is_read_once() -> None:
    assert not has_order("'" + "a''" * 50_000) and not has_order("(" * 200_000) and not has_order("/*" * 100_000)
