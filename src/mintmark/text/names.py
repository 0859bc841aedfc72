"""Names and text that come from outside: made safe for file systems and terminals.

`slug` makes a file name of anything, `inside` refuses a path that leaves its folder (links resolved), `plain` takes control sequences
out of what is printed. Covers hostile names (../x, NUL, CON, -rf, 300 bytes) and ANSI, bidi and tag characters; not look-alike letters.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from pathlib import Path

_RESERVED = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))}
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]")


def slug(name: str, limit: int = 80) -> str:
    """A file name of letters, digits, '-', '_' and '.'; a hash is added where something had to change, so names stay apart."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    text = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._ ")[:limit].rstrip("-._ ")
    mark = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    if not text or text.split(".")[0].lower() in _RESERVED:
        return f"{text or 'x'}-{mark}"
    return text if text == name else f"{text[: max(1, limit - 9)].rstrip('-._ ')}-{mark}" if not _mild(name) else text


def _mild(name: str) -> bool:
    """Only spaces had to change: no hash needed, people expect runs/My-data for 'My data'."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,70}[A-Za-z0-9]", name) is not None


def inside(root: Path, path: Path | str) -> Path:
    """`path` under `root`, links resolved; ValueError where it would leave it."""
    base = root.resolve()
    if "\0" in str(path):
        raise ValueError(f"the path {str(path)!r} holds a NUL character")
    full = (base / path).resolve()
    if full != base and base not in full.parents:
        raise ValueError(f"the path {str(path)!r} leaves {root}")
    return full


def plain(text: str) -> str:
    """Text for a terminal: no escape sequences, no control characters but tab and newline, no bidi or tag characters."""
    text = _ANSI.sub("", text)
    if text.isascii() and text.isprintable():
        return text
    out = []
    for ch in text:
        kind = unicodedata.category(ch)
        if ch in "\t\n" or kind not in ("Cc", "Cf", "Cs") or ch == "\u200d":
            out.append(ch)
        elif kind == "Cs":
            out.append("\ufffd")
    return "".join(out)


def brief(value: object, limit: int = 60) -> str:
    """A value for a message, cut. Python refuses to print an integer of more than 4,300 digits, which JSON can hold."""
    try:
        text = repr(value)
    except ValueError:
        return "a number too long to print"
    return text if len(text) <= limit else text[: limit - 3] + "..."
