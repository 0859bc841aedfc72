"""Folders, files and lists of documents as tables: order, titles, ids, what is left out and what is said of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import mintmark as mm
from mintmark.core.errors import InputError, MissingExtra
from mintmark.reading import as_mapping, read_recipe
from mintmark.stores.tables import read_table
from mintmark.wiring import prepare


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    (docs / "b" / "c").mkdir(parents=True)
    (docs / "b.txt").write_text("same")
    (docs / "a.md").write_text("# Late fees\n\nA day costs 20 ct.\n")
    (docs / "b" / "page.HTM").write_text("<title>Page</title><p>hello")
    (docs / "b" / "c" / "twin.txt").write_text("same")
    (docs / "table.csv").write_text("a,b\n1,2\n")
    (docs / ".hidden.md").write_text("no")
    (docs / ".git").mkdir()
    (docs / ".git" / "x.md").write_text("no")
    return docs


def test_folder(folder: Path) -> None:
    table = read_table("docs", folder, private=True)
    assert table.columns == ("doc_id", "title", "text", "path", "kind") and table.private and not table.notes
    assert table.column("path") == ["a.md", "b/c/twin.txt", "b/page.HTM", "b.txt"]
    assert table.column("title") == ["Late fees", "twin", "Page", "b"]
    assert table.column("kind") == ["md", "txt", "html", "txt"]
    ids = table.column("doc_id")
    assert ids[3] == f"{ids[1]}-2" and len({*ids}) == 4
    other = folder.rename(folder.parent / "moved")
    assert read_table("docs", str(other)).digest == table.digest


def test_nothing_is_followed_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.txt").write_text("secret")
    (folder / "out.txt").symlink_to(tmp_path / "secret" / "key.txt")
    (folder / "dir").symlink_to(tmp_path / "secret")
    (folder / "loop").symlink_to(folder)
    (folder / "dead.txt").symlink_to(folder / "nowhere")
    (folder / "in.txt").symlink_to(folder / "a.md")
    os.mkfifo(folder / "pipe.txt")
    table = read_table("docs", folder)
    assert "secret" not in table.column("text")
    assert table.column("path") == ["a.md", "b/c/twin.txt", "b/page.HTM", "b.txt", "in.txt"]


def test_one_bad_file_is_refused_and_one_of_many_is_skipped_and_told(folder: Path) -> None:
    (folder / "z.docx").write_bytes(b"PK\x03\x04 no zip")
    (folder / "y.txt").write_bytes(b"\xff\xfe\xff\xff\x80"[2:])
    table = read_table("docs", folder)
    assert len(table) == 4 and len(table.notes) == 1
    assert (
        "2 of 6 documents were skipped" in table.notes[0]
        and "y.txt byte 0 is no UTF-8" in table.notes[0]
        and "z.docx is damaged" in table.notes[0]
    )
    with pytest.raises(InputError, match="z.docx is damaged .* save it anew"):
        read_table("docs", folder / "z.docx")
    for name in os.listdir(folder):
        if name not in ("z.docx", "y.txt", "b", ".git"):
            (folder / name).unlink()
    for path in (folder / "b" / "page.HTM", folder / "b" / "c" / "twin.txt"):
        path.unlink()
    with pytest.raises(InputError, match="none of the 2 documents"):
        read_table("docs", folder)


def test_lists_and_what_is_no_document(folder: Path) -> None:
    table = read_table("docs", [folder / "b.txt", str(folder / "b"), folder / "a.md"])
    assert table.column("path") == ["b.txt", "b/c/twin.txt", "b/page.HTM", "a.md"]
    with pytest.raises(InputError, match="there is no file"):
        read_table("docs", folder / "absent.pdf")
    with pytest.raises(InputError, match="expected a folder or one of"):
        read_table("docs", [folder / "table.csv"])
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match="holds no documents"):
        read_table("docs", folder / "empty")
    assert read_table("t", folder / "table.csv").columns == ("a", "b")


def test_names_that_are_no_utf8(folder: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt")).write_text("odd")
    except OSError:
        pytest.skip("this file system takes no such names")
    assert "\\xff.txt" in read_table("docs", folder).column("path")


def test_missing_library_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "x.pdf").write_bytes(b"%PDF-1.4")
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(MissingExtra, match=r"mintmark\[documents\]"):
        read_table("docs", folder)


def test_in_a_recipe(folder: Path) -> None:
    (folder / "bad.pdf").write_bytes(b"no pdf")
    for given in ("docs", ["docs/a.md", "docs"], {"path": "docs", "private": True}):
        recipe = read_recipe({"name": "r", "tables": {"docs": given}, "steps": [{"read": {"from": "docs"}}]}, base=str(folder.parent))
        prepared = prepare(recipe)
        assert set(prepared.columns) == {"doc_id", "title", "text", "path", "kind"}
        assert any("bad.pdf is no pdf" in note for note in prepared.notes)
        again = read_recipe(as_mapping(recipe))
        assert prepare(again).identity == prepared.identity
    assert mm.check(recipe)["tables"]["docs"]["private"] is True


def test_the_folder_of_a_run_is_not_read_as_documents(tmp_path: Path) -> None:
    """`mintmark audit runs/x` measured the data card and the report as two texts."""
    mm.run(mm.load({"name": "x", "steps": [{"grid": {"a": [1, 2]}}]}), out=tmp_path / "x")
    with pytest.raises(InputError, match=r"x is the folder of a run; its rows are .*data\.jsonl"):
        mm.audit(tmp_path / "x")
