"""length: bounds that are numbers, and bounds that are columns of the row."""

from __future__ import annotations

from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import ContentError
from mintmark.core.op import Scene
from mintmark.core.rows import Drop, Row


def one(text: str, words: tuple[Any, Any], **more: Any) -> Any:
    return mm.curate.Length("text", words).each(Row("r", {"text": text, **more}), Context())


def test_bounds_from_columns() -> None:
    op = mm.curate.Length.from_params({"column": "text", "words": ["low", "high"]}, "length")
    assert op.reads(Scene()) == ("text", "low", "high")
    assert one("a b c", ("low", "high"), low=3, high=3) == Row("r", {"text": "a b c", "low": 3, "high": 3})
    assert one("a b c", ("low", 9), low=4) == Drop("too_short", "3 words, at least 4")
    assert one("a b c", (0, "high"), high=2.5) == Drop("too_long", "3 words, at most 2.5")
    for wrong in ("3", True):
        with pytest.raises(ContentError, match="low") as caught:
            one("a b c", ("low", 9), low=wrong)
        assert caught.value.reason == "bound"


@pytest.mark.parametrize("words", [(3, 2), (-1, "high"), (1, 2, 3)])
def test_bounds_that_cannot_hold_are_refused(words: Any) -> None:
    with pytest.raises(ValueError, match="0 <= least <= most"):
        mm.curate.Length("text", words)
