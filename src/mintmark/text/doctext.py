"""One document's bytes to a title and plain text: txt, md, html, pdf, docx. Pure: bytes in, text out, ValueError in words for the rest.

    read_document(b"# Late fees\\n\\nA day costs 20 ct.", "md")  ->  Document(title='Late fees', text='# Late fees\\n\\nA day costs 20 ct.')

Headings are lines of '#', paragraphs are parted by an empty line, a table's row is one line with ' | ' between its cells. A docx is read with
zipfile and expat: only its body, its styles and its core properties, each capped as it unpacks; a document type (and so an entity) is
refused, hidden and deleted text is left out. A pdf needs the library pypdf.

Not covered: pictures of text (a scanned pdf has no text), headings and columns of a pdf, footnotes and headers of a docx, .doc, .odt, .epub.
pypdf runs in this process: its time is looked at between pages, so one hostile page can hold it for longer than MOST_SECONDS.
"""

from __future__ import annotations

import codecs
import io
import re
import time
import zipfile
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from xml.parsers import expat

from .html import read_html

KINDS = {".txt": "txt", ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".pdf": "pdf", ".docx": "docx"}
MOST_BYTES = 64 << 20
MOST_PAGES = 2_000
MOST_CHARACTERS = 5_000_000
MOST_SECONDS = 120.0
MOST_ENTRIES = 10_000  # in a docx
MOST_UNPACKED = 256 << 20  # all entries of a docx together, as declared
MOST_PART = 64 << 20  # one part of it, as unpacked
MOST_RATIO = 200  # real parts of small documents reach 30
MOST_DEPTH = 200

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,30})", re.IGNORECASE)
_TEXT_CODECS = re.compile(
    r"(?:utf-?8|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis|euc-(?:jp|kr))"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ATX = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*\Z")
_FENCE = re.compile(r"[ ]{0,3}(```|~~~)")
_MATTER = re.compile(r"---[ \t]*\n.{0,20000}?\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """title: '' where the document itself names none."""

    title: str
    text: str


def doc_id(text: str) -> str:
    """16 hex digits of the text alone: the same document keeps its id under another name, in another folder."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def doc_ids(texts: list[str]) -> list[str]:
    """doc_id of each; of equal texts the second is '...-2', the third '...-3'."""
    seen: dict[str, int] = {}
    out = []
    for text in texts:
        key = doc_id(text)
        seen[key] = seen.get(key, 0) + 1
        out.append(key if seen[key] == 1 else f"{key}-{seen[key]}")
    return out


def read_document(data: bytes, kind: str, charset: str = "") -> Document:
    """charset: what a web server says of text that is no UTF-8. Raises ValueError (what is wrong and what to do), ImportError where a pdf comes and pypdf is absent."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"has more than {MOST_BYTES:,} bytes, which is the most that is read; split it")
    if kind in ("txt", "md", "html") and _is_codec(charset):
        data = _recoded(data, charset)
    title, text = {"txt": _txt, "md": _md, "html": _html, "pdf": _pdf, "docx": _docx}[kind](data)
    text = tidy(text)
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"has {len(text):,} characters, at most {MOST_CHARACTERS:,} are read; split it")
    return Document(" ".join(tidy(title).split())[:300], text)


def tidy(text: str) -> str:
    """One kind of line end, no control characters or lone surrogates, no spaces at line ends, at most one empty line."""
    text = re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028]", "\n", text).replace("\u2029", "\n\n")
    text = _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")
    lines = [line.rstrip() for line in text.split("\n")]
    return "\n".join(line for k, line in enumerate(lines) if line or (k > 0 and lines[k - 1])).strip("\n")


# -- text --------------------------------------------------------------------------------------------------------------
def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is no UTF-8; save it as UTF-8 text") from error
    if "\0" in text:
        raise ValueError("holds NUL characters; is it really text?")
    return text


def _is_codec(name: str) -> bool:
    """The codecs that pages use; Python's others include escapes and packers, which are no encodings of text."""
    try:
        return bool(_TEXT_CODECS.fullmatch(name.lower()) and codecs.lookup(name))
    except LookupError:
        return False


def _recoded(data: bytes, charset: str) -> bytes:
    try:
        data.decode("utf-8")
        return data
    except UnicodeDecodeError:
        return data.decode(charset, "replace").encode()


def _txt(data: bytes) -> tuple[str, str]:
    return "", _decode(data)


def _md(data: bytes) -> tuple[str, str]:
    """Markdown as it is, but for front matter (left out) and underlined headings (written with '#')."""
    lines = _MATTER.sub("", tidy(_decode(data)) + "\n", count=1).split("\n") if data[:3] == b"---" else tidy(_decode(data)).split("\n")
    out: list[str] = []
    title, fence = "", ""
    for line in lines:
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        elif not fence:
            under = re.fullmatch(r"[ ]{0,3}(=+|-+)", line)
            if (
                under
                and out
                and out[-1].strip()
                and not re.match(r"\s*(?:[-#>|*+]|\d+\.)", out[-1])
                and (len(out) == 1 or not out[-2].strip())
            ):
                out[-1] = ("# " if under[1][0] == "=" else "## ") + out[-1].strip()
                line = ""
            if not title and (heading := _ATX.match(out[-1] if under and out else line)):
                title = heading[2]
        out.append(line)
    return title, "\n".join(out)


def _html(data: bytes) -> tuple[str, str]:
    try:
        return read_html(_decode(data))
    except ValueError:
        found = _CHARSET.search(data[:4096])
        name = found[1].decode().lower() if found else "cp1252"
        if b"\0" in data or not _is_codec(name):
            raise
        name = "cp1252" if codecs.lookup(name).name in ("iso8859-1", "ascii", "utf-8") else name
        return read_html(data.decode(name, "replace"))


# -- pdf ---------------------------------------------------------------------------------------------------------------
def _pdf(data: bytes) -> tuple[str, str]:
    import logging

    import pypdf  # ImportError: the caller says how to install it

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    if b"%PDF-" not in data[:1024]:
        raise ValueError("is no pdf (it does not begin with %PDF-)")
    end = time.monotonic() + MOST_SECONDS
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("is encrypted; save a copy without a password")
        count = len(reader.pages)
        if count > MOST_PAGES:
            raise ValueError(f"has {count:,} pages, at most {MOST_PAGES:,} are read; split it")
        pages, size = [], 0
        for page in reader.pages:
            pages.append(page.extract_text() or "")
            size += len(pages[-1])
            if size > MOST_CHARACTERS:
                raise ValueError(f"has more than {MOST_CHARACTERS:,} characters, which is the most that is read; split it")
            if time.monotonic() > end:
                raise ValueError(f"takes longer than {MOST_SECONDS:g} s to read; save it anew, or as text")
        told = reader.metadata
        return str((told.title if told else "") or ""), "\n\n".join(pages)
    except ValueError as error:
        if type(error) is ValueError:
            raise
        raise ValueError(f"cannot be read as pdf ({type(error).__name__}); save it anew") from error
    except pypdf.errors.DependencyError as error:
        raise ValueError("is encrypted in a way that needs another library; save a copy without a password") from error
    except Exception as error:  # pypdf meets damage with errors of every kind
        raise ValueError(f"is damaged ({type(error).__name__}: {str(error)[:80]}); save it anew") from error


# -- docx --------------------------------------------------------------------------------------------------------------
def _docx(data: bytes) -> tuple[str, str]:
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
    styles, core, body = _Styles(), _Core(), _Body()
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

    def __init__(self) -> None:
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
            if self.size > MOST_CHARACTERS:
                raise ValueError(f"has more than {MOST_CHARACTERS:,} characters, which is the most that is read; split it")


__all__ = ["KINDS", "Document", "doc_id", "doc_ids", "read_document", "tidy"]
