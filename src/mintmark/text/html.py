"""HTML to a title and plain text, in linear time: nothing is fetched, run or resolved.

    "<title>Fees</title><h1>Late fees</h1><p>A day costs&nbsp;20 ct.<script>x()</script></p>"  ->  ("Fees", "# Late fees\n\nA day costs 20 ct.")

Headings become lines of '#', paragraphs are parted by an empty line, list items begin with '- ', a table's row is one line of cells with
' | ' between. Left out: scripts, styles, navigation, comments, forms' choices, and whatever is marked as not shown (`hidden`,
display:none, visibility:hidden), where instructions to a model like to hide.
The standard library's parser takes quadratic time over unclosed tags and comments (1 MB of '<a ' for hours), so tags are found by one
pattern that never goes back. Not covered: text that only scripts write; style sheets (a class that hides is not seen); what is boilerplate and what is the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

SKIPPED = frozenset("script style nav template noscript svg iframe object canvas select button datalist audio video".split())
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr html li main ol p pre section summary table tbody thead tfoot tr ul title caption".split()
)
HEADINGS = {f"h{n}": "#" * n + " " for n in range(1, 7)}
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")
_BREAK = "\x1e"  # a control character, which HTML cannot hold
# possessive throughout: a failed tag costs one look over its characters, and quotes pair up in one way only
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:_-]*+)((?>[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'=/<>]++)(?:\s*+=\s*+(?>"([^"]*+)"|'([^']*+)'|([^\s"'<>=]++)))?""")
_RAW = {tag: re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE) for tag in ("script", "style", "textarea", "title", "noscript", "iframe")}
_DIGITS = re.compile(r"(&#[0-9]{8})[0-9]+")  # no such character, and int() refuses thousands of digits


def _tokens(source: str) -> Iterator[tuple[str, str, str]]:
    """('text', text, ''), ('start', tag, its attributes as written), ('end', tag, '')."""
    at, n, begun = 0, len(source), 0
    while True:
        at = source.find("<", at)
        if at < 0:
            break
        if source.startswith(("<!", "<?"), at):
            yield "text", source[begun:at], ""
            close = "-->" if source.startswith("<!--", at) else ">"
            end = source.find(close, at + 2)
            at = begun = n if end < 0 else end + len(close)
            continue
        found = _TAG.match(source, at)
        if found is None:
            at += 1
            continue
        yield "text", source[begun:at], ""
        tag = found[2].lower()
        yield ("end" if found[1] else "start"), tag, found[3]
        at = begun = found.end()
        if not found[1] and tag in _RAW:
            over = _RAW[tag].search(source, at)
            at = over.start() if over else n
            if tag in ("title", "textarea"):
                yield "text", source[begun:at], ""
            begun = at
    yield "text", source[begun:], ""


class _Reader:
    def __init__(self) -> None:
        self.title = self.first = ""
        self.blocks: list[tuple[str, str]] = []  # text, and its tag where lines of one tag stand close
        self.words: list[str | None] = []  # None: a hard line break
        self.mark, self.tight, self.pre = "", "", 0
        self.cells: list[str] | None = None
        self.skip, self.depth, self.in_title = "", 0, False

    def start(self, tag: str, written: str) -> None:
        if self.skip:
            if tag == self.skip and tag in ("p", "li", "dd", "dt", "tr", "td"):  # these end where the next of them begins
                self.skip = ""
            else:
                self.depth += tag == self.skip
                return
        told = (
            {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(written)}
            if "hid" in written.lower() or "none" in written.lower()
            else {}
        )
        hides = "hidden" in told or _HIDES.search(told.get("style", ""))
        if tag not in VOID and (tag in SKIPPED or hides):
            self.skip, self.depth = tag, 1
            return
        if tag == "br":
            self.words.append(None)
        elif tag in ("td", "th") and self.cells is not None:
            self._cell()
        elif tag in BLOCKS and (self.cells is None or tag in ("tr", "table")):
            self.flush()
            self.mark = HEADINGS.get(tag, "- " if tag == "li" else "")
            self.tight = tag if tag in ("li", "tr") else ""
            self.pre += tag == "pre"
            if tag == "tr":
                self.cells = []
            self.in_title = tag == "title"
        elif tag in BLOCKS:
            self.words.append(" ")

    def end(self, tag: str) -> None:
        if self.skip:
            self.depth -= tag == self.skip
            if self.depth <= 0:
                self.skip = ""
            return
        if tag in BLOCKS and (self.cells is None or tag in ("tr", "table")):
            self.flush()
            self.pre = max(0, self.pre - (tag == "pre"))
        elif tag in BLOCKS:
            self.words.append(" ")

    def text(self, data: str) -> None:
        if not self.skip and data:
            self.words.append(unescape(_DIGITS.sub(r"\1", data)).replace(_BREAK, " "))

    def _cell(self) -> None:
        assert self.cells is not None
        if text := _SPACE.sub(" ", _joined(self.words, " ")).strip():
            self.cells.append(text)
        self.words = []

    def flush(self) -> None:
        if self.cells is not None:
            self._cell()
            text, self.cells = " | ".join(self.cells), None
        elif self.pre:
            text = _joined(self.words, "\n").strip("\n")
        else:
            lines = (_SPACE.sub(" ", line).strip() for line in _joined(self.words, _BREAK).split(_BREAK))
            text = "\n".join(line for line in lines if line)
        self.words = []
        if text.strip():
            if self.in_title:
                self.title = self.title or text.replace("\n", " ")
            else:
                if self.mark.startswith("#"):
                    text = text.replace("\n", " ")
                    self.first = self.first or (text if self.mark == "# " else "")
                close = self.tight and self.blocks and self.blocks[-1][1] == self.tight
                self.blocks.append((("\n" if close else "\n\n") + self.mark + text, self.tight))
            self.mark, self.tight = "", ""
        self.in_title = False


def _joined(words: list[str | None], hard: str) -> str:
    return "".join(hard if w is None else w for w in words)


def read_html(source: str) -> tuple[str, str]:
    """(title or first <h1> or '', text)."""
    reader = _Reader()
    for what, value, written in _tokens(source):
        if what == "text":
            reader.text(value)
        elif what == "start":
            reader.start(value, written)
        else:
            reader.end(value)
    reader.flush()
    return reader.title or reader.first, "".join(text for text, _ in reader.blocks).strip()


__all__ = ["read_html"]
