"""A docx's title and text, by zipfile and expat: only its body, its styles and its core properties, each capped as it unpacks; a document type
(and so an entity) is refused, hidden and deleted text is left out. ValueError, in words, for what cannot be read.

    read_docx(data)  ->  ('Late fees', '# Late fees\\n\\nA day costs 20 ct.')

Not covered: footnotes, headers and footers, pictures.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any
from xml.parsers import expat

MOST_ENTRIES = 10_000
MOST_UNPACKED = 256 << 20  # all entries together, as declared
MOST_PART = 64 << 20  # one part, as unpacked
MOST_RATIO = 200  # real parts of small documents reach 30
MOST_DEPTH = 200


def read_docx(data: bytes, most: int) -> tuple[str, str]:
    """(title or '', text with headings as lines of '#'). most: characters."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError("is encrypted or an old .doc; save a copy as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise ValueError(f"holds {len(entries):,} entries, at most {MOST_ENTRIES:,} are read; it looks like a bomb")
            if sum(e.file_size for e in entries) > MOST_UNPACKED:
                raise ValueError(f"unpacks to more than {MOST_UNPACKED:,} bytes; it looks like a bomb")
            names = {e.filename: e for e in entries}
            if "word/document.xml" not in names:
                raise ValueError("holds no word/document.xml; is it really a docx?")
            part = {n: _part(archive, names[n]) for n in ("word/document.xml", "word/styles.xml", "docProps/core.xml") if n in names}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError) as error:
        raise ValueError(f"is damaged ({error}); save it anew") from error
    except RuntimeError as error:  # zipfile's word for a password
        raise ValueError("is encrypted; save a copy without a password") from error
    except Exception as error:
        if isinstance(error, ValueError) and type(error) is ValueError:
            raise
        raise ValueError(f"is damaged ({type(error).__name__}); save it anew") from error  # zlib.error, struct.error
    styles, core, body = _Styles(), _Core(), _Body(most)
    if "word/styles.xml" in part:
        _parse(part["word/styles.xml"], styles)
    if "docProps/core.xml" in part:
        _parse(part["docProps/core.xml"], core)
    body.levels, body.lists = styles.levels, styles.lists
    _parse(part["word/document.xml"], body)
    return core.title or body.title, "".join(body.blocks).strip()


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 1:
        raise ValueError("is encrypted; save a copy without a password")
    if entry.file_size > MOST_PART or entry.file_size > MOST_RATIO * max(entry.compress_size, 512):
        raise ValueError(
            f"{entry.filename} in it unpacks to {entry.file_size:,} bytes, {MOST_RATIO} times its size or more; it looks like a bomb"
        )
    with archive.open(entry) as file:  # zipfile stops at the declared size and then checks the sum
        return file.read(MOST_PART + 1)


def _parse(data: bytes, into: Any) -> None:
    """Feeds `into.start(name, attributes)`, `into.end(name)`, `into.text(text)`; names without their namespace."""
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def refuse(*_: Any) -> None:
        raise ValueError("declares a document type, which could hold entity bombs or reach other files; save it anew")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise ValueError(f"is nested more than {MOST_DEPTH} deep; save it anew")
        into.start(name.rpartition(" ")[2], {k.rpartition(" ")[2]: v for k, v in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        into.end(name.rpartition(" ")[2])

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, into.text
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(f"is damaged (its XML: {error}); save it anew") from error


def _level(text: str | None) -> int:
    """Heading level 1..6 of an outline level 0..8; 0 for body text."""
    return min(int(text) + 1, 6) if text and text.isdecimal() and len(text) == 1 and text != "9" else 0


class _Styles:
    """Style id -> heading level: ids are translated ('berschrift1'), the built-in names ('heading 1') never are."""

    def __init__(self) -> None:
        self.levels: dict[str, int] = {}
        self.lists: set[str] = set()
        self.id = ""

    def start(self, name: str, told: dict[str, str]) -> None:
        if name == "style":
            self.id = told.get("styleId", "")
        elif name == "name" and self.id:
            found = re.fullmatch(r"heading ([1-9])", told.get("val", "").lower())
            if found or told.get("val", "").lower() == "title":
                self.levels[self.id] = min(int(found[1]), 6) if found else 1
        elif name == "numPr" and self.id:
            self.lists.add(self.id)
        elif name == "outlineLvl" and self.id and _level(told.get("val")):
            self.levels.setdefault(self.id, _level(told.get("val")))

    def end(self, name: str) -> None:
        if name == "style":
            self.id = ""

    def text(self, data: str) -> None:
        pass


class _Core:
    def __init__(self) -> None:
        self.title, self.inside = "", False

    def start(self, name: str, told: dict[str, str]) -> None:
        self.inside = name == "title"

    def end(self, name: str) -> None:
        self.inside = False

    def text(self, data: str) -> None:
        self.title += data if self.inside else ""


class _Body:
    """Paragraphs, list items and table rows of word/document.xml."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.levels: dict[str, int] = {}
        self.lists: set[str] = set()
        self.blocks: list[str] = []
        self.title = ""
        self.words: list[str] = []
        self.level, self.listed, self.hidden, self.taken, self.last = 0, False, False, False, ""
        self.tables, self.fallback = 0, 0
        self.cells: list[str] = []
        self.size = 0

    def start(self, name: str, told: dict[str, str]) -> None:
        if name == "Fallback":  # the same content again, for old programs
            self.fallback += 1
        if self.fallback:
            return
        value = told.get("val", "")
        if name == "p" and not self.tables:
            self.level, self.listed = 0, False
        elif name == "pStyle":
            self.listed = self.listed or value in self.lists
            self.level = self.levels.get(value) or _level(str(int(value[-1]) - 1) if re.fullmatch(r"(?i)heading[1-6]", value) else None)
        elif name == "outlineLvl":
            self.level = _level(value) or self.level
        elif name == "numPr":
            self.listed = True
        elif name == "r":
            self.hidden = False
        elif name == "vanish":
            self.hidden = value not in ("0", "false", "off")
        elif name == "t":
            self.taken = not self.hidden
        elif name in ("br", "cr", "tab", "noBreakHyphen") and not self.hidden:
            self.words.append({"tab": " ", "noBreakHyphen": "-"}.get(name, " " if self.tables else "\n"))
        elif name == "tbl":
            self.tables += 1
        elif name == "tr" and self.tables == 1:
            self.cells = []

    def end(self, name: str) -> None:
        if name == "Fallback":
            self.fallback -= 1
        if self.fallback:
            return
        if name == "t":
            self.taken = False
        elif name == "tbl":
            self.tables -= 1
        elif self.tables:
            if name == "p":
                self.words.append(" ")
            elif name == "tc" and self.tables == 1:
                self.cells.append(" ".join("".join(self.words).split()))
                self.words = []
            elif name == "tr" and self.tables == 1 and any(self.cells):
                self._put(" | ".join(self.cells), "tr")
        elif name == "p":
            text = "\n".join(" ".join(line.split()) for line in "".join(self.words).split("\n")).strip()
            self.words = []
            if text and self.level:
                text = text.replace("\n", " ")
                self.title = self.title or text
                self._put("#" * self.level + " " + text, "")
            elif text:
                self._put("- " + text if self.listed else text, "li" if self.listed else "")

    def _put(self, text: str, kind: str) -> None:
        self.blocks.append(("\n" if kind and kind == self.last else "\n\n") + text)
        self.last = kind

    def text(self, data: str) -> None:
        if self.taken and not self.fallback:
            self.words.append(data)
            self.size += len(data)
            if self.size > self.most:
                raise ValueError(f"has more than {self.most:,} characters, which is the most that is read; split it")
