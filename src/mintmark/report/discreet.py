"""What an audit, and the report of a run, may show where the real rows are private: no word that only they hold, no row, no extreme of theirs.

    Discreet(synthetic, [real, holdout]).lines(["more in real rows: “oberarzt” (0% against 3%)"])  ->  ["not shown: it holds words of private rows alone"]

Words, case folded, of cells of text, and runs of digits between “ ”; one that the synthetic table holds too, in a row or a column's name, is no secret of
the real rows. Numbers computed of many rows (means, shares, distances) stay, and so do row numbers. Samples of the synthetic rows are not shown at all: some may be copies.
Not covered: that a computed number is itself private; see docs/privacy.md.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.metric import Measurement

HIDDEN = "not shown: it holds words of private rows alone"
NOT_SAMPLED = "rows are not shown and the real columns' extremes and rare levels not drawn, since the real rows are private"
_WORD, _TOKEN = re.compile(r"\w*[^\W\d_]\w*"), re.compile(r"\w+")
_SHOWN = re.compile("“[^”]*”")
_QUOTED = re.compile(r""" \(such as (?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)""")  # stats/align.py: what repr writes of a cell
_RAISED = re.compile(r" \(.*\)(?=; this is a fault of the metric$)", re.S)  # measuring.py: an error's own words may hold a cell


class Discreet:
    def __init__(self, synthetic: Mapping[str, Sequence[Any]], real: Iterable[Mapping[str, Sequence[Any]]]) -> None:
        self._secret = {w for columns in real for w in _words(columns)} - _words(synthetic)

    def line(self, text: str) -> str:
        folded = text.casefold()
        return HIDDEN if self._secret.intersection([*_WORD.findall(folded), *_TOKEN.findall(" ".join(_SHOWN.findall(folded)))]) else text

    def lines(self, value: Any) -> Any:
        """The value with every text in it looked at."""
        if isinstance(value, str):
            return self.line(value)
        if isinstance(value, Mapping):
            return self.keys({k: self.lines(v) for k, v in value.items()})
        return [self.lines(v) for v in value] if isinstance(value, (list, tuple)) else value

    def keys(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Groups, of which those that only real rows have lose their names."""
        named = {str(k): self.line(str(k)) for k in value}
        return {f"group {i} of private rows" if named[str(k)] is HIDDEN else k: v for i, (k, v) in enumerate(value.items(), 1)}

    def measurement(self, m: Measurement) -> Measurement:
        picture = {**m.picture, "series": self.lines(m.picture["series"])} if m.picture else m.picture
        return dataclasses.replace(
            m, detail=m.detail and self.lines(m.detail), by_group=m.by_group and self.keys(m.by_group), picture=picture
        )

    @staticmethod
    def note(text: str) -> str:
        """A note without the cells that it quotes."""
        return _RAISED.sub("", _QUOTED.sub("", text))


def _words(columns: Mapping[str, Sequence[Any]]) -> set[str]:
    cells = (c for cells in columns.values() for c in cells if isinstance(c, str))
    return {w for text in (*columns, *cells) for w in _TOKEN.findall(text.casefold())}
