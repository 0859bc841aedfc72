"""Documents of every kind to title and text, and what hostile ones are refused with (H5)."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text import doctext
from mintmark.text.doctext import KINDS, doc_id, doc_ids, read_document, tidy
from mintmark.text.docx import MOST_ENTRIES
from mintmark.text.html import read_html

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STYLES = f"""<w:styles {W}><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="X2"><w:name w:val="Abschnitt"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:styleId="L"><w:name w:val="List Bullet"/><w:pPr><w:numPr/></w:pPr></w:style></w:styles>"""
BODY = """<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>Late </w:t></w:r><w:r><w:t>fees</w:t></w:r></w:p>
<w:p><w:r><w:t>A day costs</w:t><w:tab/><w:t>20 ct &amp; more.</w:t><w:br/><w:t>At most 5.</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>HIDDEN</w:t></w:r>
<w:del><w:r><w:delText>DELETED</w:delText></w:r></w:del></w:p>
<w:p><w:pPr><w:pStyle w:val="X2"/></w:pPr><w:r><w:t>Table</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>one</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val="L"/></w:pPr><w:r><w:t>two</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Day</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Fee</w:t></w:r></w:p><w:p><w:r><w:t>(ct)</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>20</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"""
SHOWN = "# Late fees\n\nA day costs 20 ct & more.\nAt most 5.\n\n## Table\n\n- one\n- two\n\nDay | Fee (ct)\n | 20"


def docx(body: str = BODY, *, head: str = "", **more: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f'<?xml version="1.0"?>{head}<w:document {W}><w:body>{body}</w:body></w:document>')
        archive.writestr("word/styles.xml", STYLES)
        for name, data in more.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def pdf(*pages: str, title: str = "") -> bytes:
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    out = io.BytesIO()
    with PdfPages(out, metadata={"Title": title} if title else {}) as file:
        for text in pages:
            figure = Figure()
            figure.text(0.1, 0.5, text)
            file.savefig(figure)
    return out.getvalue()


def test_txt_and_md() -> None:
    assert read_document(b"\xef\xbb\xbfone\r\ntwo  \r\n\r\n\r\n\r\nthree\x07", "txt").text == "one\ntwo\n\nthree"
    assert read_document("Größe".encode("utf-16"), "txt").text == "Größe"
    got = read_document(
        b"---\ntitle: matter\n---\n```\n# no heading\n```\n\nFees & more\n===\ntext\n\nSub\n---\n\n- a\n---\n\n# Other", "md"
    )
    assert got.title == "Fees & more"
    assert got.text == "```\n# no heading\n```\n\n# Fees & more\n\ntext\n\n## Sub\n\n- a\n---\n\n# Other"
    with pytest.raises(ValueError, match="byte 2 is no UTF-8"):
        read_document(b"ab\xff", "txt")
    with pytest.raises(ValueError, match="NUL"):
        read_document(b"a\0b", "md")


def test_html() -> None:
    page = """<!DOCTYPE html><html><head><title>Fees &amp; more</title><style>p {}</style></head><body><nav><a>Home</a></nav>
    <h1>Late <b>fees</b></h1><p>A day costs&nbsp;20 ct.<br>Most 5&euro;.<script>x("<p>")</script><p hidden>secret<p>shown
    <span style="DISPLAY : none">no <span>nor this</span></span>yes<!-- ignore this -->
    <ul><li>one<li>two<ul><li>three</ul></ul><table><tr><th>Day</th><th>Fee</th></tr><tr><td><p>1</p><td>0.20<tr><td>2</table>
    <pre>\n  a\n    b</pre>end &lt;tag&gt;"""
    got = read_document(page.encode(), "html")
    assert got.title == "Fees & more"
    assert got.text == (
        "# Late fees\n\nA day costs 20 ct.\nMost 5€.\n\nshown yes\n\n- one\n- two\n- three\n\nDay | Fee\n1 | 0.20\n2\n\n  a\n    b\n\nend <tag>"
    )
    assert read_document(b"<h1>One</h1><h1>Two</h1>", "html").title == "One"
    assert read_document('<meta charset="windows-1251"><p>Привет'.encode("cp1251"), "html").text == "Привет"
    assert read_document(b"<p>caf\xe9", "html").text == "café"
    with pytest.raises(ValueError):
        read_document(b'<meta charset="unicode_escape"><p>\\x41\xff', "html")


def test_docx() -> None:
    core = '<c:coreProperties xmlns:c="x" xmlns:dc="y"><dc:title>Rules</dc:title><dc:creator>me</dc:creator></c:coreProperties>'
    assert read_document(docx(), "docx") == doctext.Document("Late fees", SHOWN)
    assert read_document(docx(docProps__core__xml="", **{"docProps/core.xml": core}), "docx").title == "Rules"
    twice = "<w:p><w:r><mc:A xmlns:mc='m'><mc:Choice><w:t>box</w:t></mc:Choice><mc:Fallback><w:t>box</w:t></mc:Fallback></mc:A></w:r></w:p>"
    assert read_document(docx(twice), "docx").text == "box"


def test_pdf() -> None:
    pytest.importorskip("pypdf")
    got = read_document(pdf("A day costs 20 ct.", "The second page.", title="Late fees"), "pdf")
    assert got == doctext.Document("Late fees", "A day costs 20 ct.\n\nThe second page.")


def bombs() -> dict[str, tuple[str, bytes, str]]:
    entity = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]>'
    outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    utf16 = io.BytesIO()
    with zipfile.ZipFile(utf16, "w") as archive:
        archive.writestr("word/document.xml", f'<?xml version="1.0" encoding="UTF-16"?>{outside}<a>&x;</a>'.encode("utf-16"))
    return {
        "entities": ("docx", docx("<w:p><w:r><w:t>&y;</w:t></w:r></w:p>", head=entity), "document type"),
        "outside": ("docx", docx("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", head=outside), "document type"),
        "outside, in UTF-16": ("docx", utf16.getvalue(), "document type"),
        "entities in the styles": ("docx", docx(**{"docProps/core.xml": f"{entity}<a>&y;</a>"}), "document type"),
        "ratio": ("docx", docx("<w:p/>" * 2_000_000), "bomb"),
        "total": ("docx", docx(**{f"media/{k}": bytes(30 << 20) for k in range(9)}), "bomb"),
        "entries": ("docx", docx(**{str(k): b"" for k in range(MOST_ENTRIES)}), "bomb"),
        "depth": ("docx", docx("<w:p>" * 5_000 + "</w:p>" * 5_000), "deep"),
        "cut": ("docx", docx()[:-30], "damaged"),
        "flipped": ("docx", (lambda d: d[:80] + bytes(b ^ 255 for b in d[80:120]) + d[120:])(docx()), "damaged"),
        "no docx": ("docx", docx().replace(b"word/document.xml", b"word/dokument.xml"), "really a docx"),
        "old doc": ("docx", b"\xd0\xcf\x11\xe0" + bytes(600), "encrypted or an old"),
        "broken XML": ("docx", docx("<w:p>"), "damaged"),
        "no pdf": ("pdf", b"hello", "no pdf"),
        "empty pdf": ("pdf", b"%PDF-1.7\n", "damaged|cannot be read"),
        "cut pdf": (
            "pdf",
            b"%PDF-1.7\n" + b"1 0 obj << /Type /Catalog /Pages 1 0 R >> endobj\ntrailer << /Root 1 0 R >>",
            "damaged|cannot be read",
        ),
    }


BOMBS = bombs()


@pytest.mark.parametrize("what", BOMBS)
def test_hostile_files_are_refused_in_words(what: str) -> None:
    kind, data, words = BOMBS[what]
    if kind == "pdf":
        pytest.importorskip("pypdf")
    with pytest.raises(ValueError, match=words):
        read_document(data, kind)


def test_encrypted_pdf() -> None:
    pypdf = pytest.importorskip("pypdf")
    for password, readable in (("", True), ("secret", False)):
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("Late fees")))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        out = io.BytesIO()
        writer.write(out)
        if readable:
            assert read_document(out.getvalue(), "pdf").text == "Late fees"
        else:
            with pytest.raises(ValueError, match="is encrypted; save a copy without a password"):
                read_document(out.getvalue(), "pdf")


def test_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctext, "MOST_CHARACTERS", 100)
    for kind, data in (("txt", b"x" * 101), ("html", b"<p>" + b"x" * 101), ("docx", docx(f"<w:p><w:r><w:t>{'x' * 101}</w:t></w:r></w:p>"))):
        with pytest.raises(ValueError, match="characters"):
            read_document(data, kind)
    monkeypatch.setattr(doctext, "MOST_PAGES", 1)
    with pytest.raises(ValueError, match="2 pages, at most 1"):
        read_document(pdf("a", "b"), "pdf")
    monkeypatch.setattr(doctext, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="bytes"):
        read_document(b"x" * 11, "txt")


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<a ",
        "<![CDATA[",
        "</",
        "&#",
        "<p hidden>",
        "<tr><td>",
        "<div>",
        "<script><!--",
        "<a b='",
        '<a "',
        "<a '<a \"",
        "<",
        "<?",
        "<title>",
        "<script>",
    ],
)
def test_broken_html_does_not_hang(piece: str) -> None:
    """The standard library's parser would take hours over 1 MB of some of these."""
    begun = time.process_time()
    read_html(piece * (500_000 // len(piece)))
    assert time.process_time() - begun < 20


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=120)
    | st.lists(st.sampled_from("<p> <li> </ul> <table> <tr> <td> <h2> </h2> <br> <pre> <b> </table> x &amp; \n".split(" "))).map("".join)
)
def test_any_html_and_text_is_taken(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for kind in ("html", "md", "txt"):
        try:
            got = read_document(data, kind)
        except ValueError as error:
            assert "NUL" in str(error) or "UTF-8" in str(error)
            continue
        assert tidy(got.text) == got.text and "\n\n\n" not in got.text
        got.text.encode()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(set(KINDS.values()))))
def test_any_bytes_give_text_or_a_reason(data: bytes, kind: str) -> None:
    for given_ in (data, (b"%PDF-1.4\n" if kind == "pdf" else b"PK\x03\x04") + data):
        try:
            assert isinstance(read_document(given_, kind).text, str)
        except ValueError as error:
            assert str(error)
        except ImportError:
            assert kind == "pdf"


def test_ids_hang_on_the_text() -> None:
    ids = doc_ids(["a", "b", "a", "a"])
    assert ids == [doc_id("a"), doc_id("b"), f"{doc_id('a')}-2", f"{doc_id('a')}-3"] and len(doc_id("a")) == 16
