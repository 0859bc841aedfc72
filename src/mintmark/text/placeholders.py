"""Placeholders in the place of personal data, which text/pii.py finds.

    Redactor().redact("Mr. Bob Stone: bob@example.org")  ->  "Mr. <PERSON_1>: <EMAIL_1>"

Not covered: what is not found. Source: none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from hashlib import blake2b

from .looks import as_seen
from .pii import DEFAULT_TYPES, PLACEHOLDER, REGIONS, More, labelled


class Redactor:
    """Puts <TYPE_n> for what it finds; equal values get equal numbers for as long as it lives: the cells of one row. With a key
    (32 bytes) the number is a keyed hash of type and value: the same wherever the key is."""

    def __init__(
        self, types: Collection[str] = DEFAULT_TYPES, regions: Sequence[str] = REGIONS, more: More = None, key: bytes | None = None
    ) -> None:
        self._types, self._regions, self._more, self._key = types, regions, more, key
        self._known: dict[tuple[str, str], int] = {}
        self._last: dict[str, int] = {}
        self.types: dict[str, int] = {}  # type -> how many were replaced

    def reserve(self, text: str) -> None:
        """Numbers of placeholders that stand in the text already are not given again."""
        for m in PLACEHOLDER.finditer(text):
            self._last[m[1]] = max(self._last.get(m[1], 0), int(m[2]))

    def redact(self, text: str, label: str = "") -> str:
        """label: what stands before the text where it comes from, such as a column's name."""
        self.reserve(text)
        for _ in range(10):  # what was hidden beside a find may show once that is gone
            found = labelled(text, label, self._types, self._regions, self._more)
            if not found:
                break
            out, at = [], 0
            for kind, start, end in found:
                out += [text[at:start], f"<{kind}_{self._number(kind, text[start:end])}>"]
                at = end
                self.types[kind] = self.types.get(kind, 0) + 1
            text = "".join(out) + text[at:]
        return text

    def _number(self, kind: str, value: str) -> int:
        value = as_seen(value)[0]
        flat = value.casefold() if kind in ("PERSON", "ADDRESS", "SECRET") else re.sub(r"[\s().-]", "", value).casefold()
        if self._key is not None:
            return (
                int.from_bytes(blake2b(f"{kind}\0{flat}".encode("utf-8", "surrogatepass"), key=self._key, digest_size=8).digest(), "big")
                % 10**12
            )
        if (kind, flat) not in self._known:
            self._known[kind, flat] = self._last[kind] = self._last.get(kind, 0) + 1
        return self._known[kind, flat]
