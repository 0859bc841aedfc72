"""redact: puts placeholders in the place of personal data, such as before a model elsewhere sees a row.

    redact: {column: note}                                          "Mr. <PERSON_1>: <EMAIL_1>"; equal values of a row share a number
    redact: {columns: [note, reply], key_env: REDACT_KEY}           <PERSON_483920174652>: equal values of all rows, and of all runs with this key

Numbers count within a row, so that no row depends on another. With key_env they are a keyed hash (BLAKE2b, 12 digits) of the type and the value:
the same name has the same placeholder everywhere. The key comes from the environment and is written nowhere; neither is any list of what
stood for what. Who has the key can try names, so such rows are pseudonymous, not anonymous (GDPR, Art. 4(5)).
Reads the columns, and text inside lists and mappings. Writes: the columns, and COLUMN_pii: the types found, in order of the alphabet.
What is found, and how much is not: text/pii.py and docs/pii.md. Not covered: whether what is left points at somebody.
One row: note='Mr. <PERSON_1>: <EMAIL_1>', note_pii=['EMAIL', 'PERSON']
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Result, Row
from ..private.personal import Personal, secret_of


@dataclass(frozen=True)
class Redact(Personal):
    """key_env: an environment variable that holds a secret of 16 characters or more: placeholders are then the same in all rows."""

    key_env: str | None = None
    name: ClassVar[str] = "redact"

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (*self.looked_at(), *(f"{c}_pii" for c in self.looked_at()))

    def check(self, scene: Scene) -> None:
        super().check(scene)
        self._key()

    def fingerprint(self) -> str:
        """Another key is another step; of the key itself the fingerprint says nothing."""
        key = self._key()
        return (
            super().fingerprint() if key is None else hashlib.blake2b(super().fingerprint().encode(), key=key, digest_size=10).hexdigest()
        )

    def _key(self) -> bytes | None:
        return None if self.key_env is None else secret_of(self.key_env, self.name)

    def each(self, row: Row, ctx: Context) -> Result:
        return self.redacted(row, self._key())
