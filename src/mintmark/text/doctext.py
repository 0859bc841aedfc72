"""One document's bytes to a title and plain text: txt, md, html, pdf, docx. Pure: bytes in, text out, ValueError in words for the rest.

    read_document(b"# Late fees\\n\\nA day costs 20 ct.", "md")  ->  Document(title='Late fees', text='# Late fees\\n\\nA day costs 20 ct.')

Headings are lines of '#', paragraphs are parted by an empty line, a table's row is one line with ' | ' between its cells. A docx: text/docx.py.
A pdf needs the library pypdf.

Not covered: pictures of text (a scanned pdf has no text), headings and columns of a pdf, .doc, .odt, .epub.
pypdf runs in this process: its time is looked at between pages, so one hostile page can hold it for longer than MOST_SECONDS.
"""

from __future__ import annotations

import codecs
import io
import re
import time
from dataclasses import dataclass
from hashlib import blake2b

from .docx import read_docx
from .html import read_html

KINDS = {".txt": "txt", ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".pdf": "pdf", ".docx": "docx"}
MOST_BYTES = 64 << 20
MOST_PAGES = 2_000
MOST_CHARACTERS = 5_000_000
MOST_SECONDS = 120.0

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
    if kind == "docx":
        title, text = read_docx(data, MOST_CHARACTERS)
    else:
        title, text = {"txt": _txt, "md": _md, "html": _html, "pdf": _pdf}[kind](data)
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


__all__ = ["KINDS", "Document", "doc_id", "doc_ids", "read_document", "tidy"]
