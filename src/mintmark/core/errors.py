"""Every error Mintmark raises on purpose, in one tree. An error says where, what was found, what was expected, and the next move.

MintmarkError                    exit code 1 (our fault, unless a branch below says otherwise)
├── Refused                      exit code 2: nothing was called
│   ├── RecipeError              a step, parameter, column, gate or expression is wrong
│   ├── TemplateError            a prompt that cannot or must not be rendered
│   ├── InputError               a table, file, schema or export that cannot be read or written
│   ├── ModelSpecError           a model that is unknown, lacks a key or has no price
│   ├── PrivacyError             private rows would leave the machine
│   ├── RunFolderError           the folder is locked, read-only, or belongs to another recipe
│   ├── JournalError             the journal is damaged where committed answers stood
│   ├── NoSandbox                nothing on this machine can hold code that nobody has read
│   └── MissingExtra             an optional library is not installed
├── Unfinished                   exit code 3: the same command goes on
│   ├── StorageFull              no space left, or the folder cannot be written any more
│   ├── EndpointDown             no call succeeds, or the endpoint refuses this key
│   ├── BudgetEnded              money, tokens or candidates ended before `want`
│   └── Interrupted              SIGINT, SIGTERM, SIGHUP
└── CallError                    one call of one row; the runner turns it into a ledger state
    ├── TransportError           timeout, reset, 408/409/425/429/5xx, unreadable body: retried
    ├── BadRequest               400/413/422: this row's request is refused for good
    ├── NoRecordedReply          a replay file has no answer left for this prompt
    └── ContentError             an answer came and was paid, but cannot be used (refusal, length, empty, json, schema)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class MintmarkError(Exception):
    """Root of the tree; `exit_code` is what the command line returns."""

    exit_code = 1


class Refused(MintmarkError):
    exit_code = 2


class RecipeError(Refused):
    pass


class TemplateError(Refused):
    pass


class InputError(Refused):
    pass


class ModelSpecError(Refused):
    pass


class PrivacyError(Refused):
    pass


class RunFolderError(Refused):
    pass


class JournalError(Refused):
    pass


class NoSandbox(Refused):
    pass


class MissingExtra(Refused):
    def __init__(self, library: str, extra: str, needed_for: str) -> None:
        super().__init__(f"{needed_for} needs {library}, which is not installed: pip install 'mintmark[{extra}]'")


class Unfinished(MintmarkError):
    exit_code = 3


class StorageFull(Unfinished):
    pass


class EndpointDown(Unfinished):
    pass


class BudgetEnded(Unfinished):
    pass


class Interrupted(Unfinished):
    pass


class CallError(MintmarkError):
    """`reason` is the word that the ledger shows: failed(reason)."""

    reason = "call"


class TransportError(CallError):
    """`retry_after`: seconds the server asked to wait, a floor for the next try. `limited`: it was a rate limit."""

    reason = "endpoint"

    def __init__(self, message: str, *, status: int = 0, retry_after: float | None = None, limited: bool = False) -> None:
        super().__init__(message)
        self.status, self.retry_after, self.limited = status, retry_after, limited


class BadRequest(CallError):
    reason = "bad_request"


class NoRecordedReply(CallError):
    reason = "no_recorded_reply"


class ContentError(CallError):
    """`reason` is one of refusal, length, empty, json, schema, content_filter, or a word of the op's own."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def nearest(name: str, known: Iterable[str]) -> str:
    """' Did you mean 'x'?' for the closest known name, or the short list of known ones."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f" Did you mean '{close[0]}'?"
    return f" Known: {', '.join(names)}." if 0 < len(names) <= 40 else ""
