"""The report's sections, tips, lineage and pictures; the comparison; hostile text in a browser; size."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import ROOT, lines, mintmark
from mintmark import comparing
from mintmark.core.errors import RecipeError, RunFolderError
from mintmark.core.metric import Gate, Measurement
from mintmark.report import plots, words
from mintmark.report.card import write_card
from mintmark.report.compare import Side, compare, write_comparison
from mintmark.report.html import write_report
from mintmark.report.junit import junit
from mintmark.report.summary import Summary
from mintmark.stats.intervals import difference, wilson
from mintmark.text.jsontext import dumps

HOSTILE = [
    "<script>document.title='owned'</script>",
    "</title></style><script>document.title='owned'</script>",
    "\"><img src=x onerror=\"document.title='owned'\">",
    "' onmouseover='document.title=`owned`' x='",
    "<svg onload=\"document.title='owned'\"><a href=\"javascript:document.title='owned'\">x</a></svg>",
    "javascript:document.title='owned'",
    "<iframe srcdoc=\"<script>parent.document.title='owned'</script>\"></iframe>",
    "\x1b[31mred\x1b[0m \x9b1m \u202eevil\u2066 \0 \ud800 \U000e0041",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "<style>@import url(http://example.org/x.css)</style>",
    "]]> & &amp; <!--",
]  # fmt: skip
POISON = " ".join(HOSTILE)


def number(name: str, value: float = 0.7, span: tuple[float, float] | None = (0.6, 0.8), **more: Any) -> Measurement:
    return Measurement(name, value, **{"unit": "AUC", "n": 100, "interval": span, "better": "higher", "caveats": ("few rows",), **more})


def poisoned(kind: str = "run") -> Summary:
    """Every text that can come from outside is hostile."""
    drawn = [
        {"kind": k, "title": POISON, "x": POISON, "y": POISON, "log_x": True, "series": [{"name": POISON, "role": r, "points": points}]}
        for k in ("lines", "dots", "bars")
        for r, points in (("synthetic", [[1, 0.5, 0.4, 0.6], [2, 0.6, 0.5, 0.7]]), ("other", [[POISON, 0.5, 0.4, 0.6]]))
    ]
    found = [
        number("realism.c2st_auc", 0.9, (0.85, 0.95), detail={"gives_away": HOSTILE, "reference": 0.5}),
        number("utility.lift", 0.0, (-1, 1)),
    ]
    found += [number(f"{POISON}.x{k}", unit=POISON, caveats=(POISON,), by_group={POISON: 0.5}, picture=p) for k, p in enumerate(drawn)]
    row = {"id": POISON, POISON: POISON, "turns": [{"role": POISON, "content": POISON}], "n": 3, "list": [POISON]}
    lost = {"id": POISON, "step": POISON, "state": "dropped", "reason": POISON, "detail": POISON}
    steps = [
        {"label": POISON, "op": POISON, "in": 3, "out": 1, "dropped": {POISON: 1}, "failed": {"endpoint": 1}, "means": {POISON: POISON}}
    ]
    manifest = {"name": POISON, "kept": 1, "planned": 3, "dropped": 1, "failed": 1, "pending": 0, "status": "unfinished", "reason": POISON, "calls": 2, "cost_usd": 0.1,
                "recipe_hash": "ab" * 16, "seed": 0, "models": {POISON: POISON}, "changes": {POISON: [{"column": POISON, "before": POISON, "after": POISON, "id": POISON}]}}  # fmt: skip
    life = {POISON: {"parents": [{"id": POISON, "step": POISON}], "steps": [{"label": POISON, "op": "x", "calls": 1, "wrote": [POISON]}]}}
    return Summary(
        POISON, kind, POISON, "0", manifest, steps, [row] * 9, [lost], [{"name": POISON, "kind": "category", "synthetic": {POISON: 1.0}, "real": None}], found,
        [{"metric": POISON, "limit": POISON, "value": 1.0, "passed": False}], [{"name": POISON, "rows": 1, "private": True}], [POISON] * 9, [POISON],
        [{"step": POISON, "model": POISON, "calls": 1, "tokens_in": 1, "tokens_out": 1, "cost_usd": 0.0}], life, {f"{POISON}.x0": POISON}, POISON, POISON, POISON,
    )  # fmt: skip


def comparison() -> str:
    s = poisoned()
    row = dict(s.samples[0])
    a = Side(POISON, "run", s.manifest | {"steps": s.steps}, s.measurements, s.gates, POISON, [row])
    b = Side(POISON, "run", s.manifest | {"steps": s.steps}, s.measurements, s.gates, POISON + "\n" + POISON, [row | {POISON: 1}])
    return write_comparison(compare(a, b, s.meaning), s.meaning)


def pages() -> dict[str, str]:
    html = "<!doctype html><title>ok</title>" + number(POISON, caveats=(POISON,), unit=POISON)._repr_html_()
    from mintmark.report.notebook import run_html

    html += run_html(
        POISON, POISON, [number("x.y", caveats=(POISON,))], [{"metric": POISON, "limit": POISON, "passed": False}], [{POISON: POISON}]
    )
    return {"run": write_report(poisoned()), "audit": write_report(poisoned("audit")), "compare": comparison(), "notebook": html}


def test_hostile_text_is_text_everywhere() -> None:
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        tags: set[str] = set()
        bad: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.add(tag)
            for name, value in attrs:
                if (
                    name.startswith("on")
                    or name in ("src", "srcdoc", "srcset")
                    or (name.endswith("href") and not (value or "").startswith("#"))
                ):
                    self.bad.append(f"{tag} {name}={value}")

    for name, page in pages().items():
        reader = Reader()
        reader.feed(page)
        assert not reader.tags & {"script", "iframe", "img", "object", "embed", "form", "link", "base"} and not reader.bad, (
            name,
            reader.bad,
        )
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page), name
        addresses = set(re.findall(r"https?://[^\s\"'<)]+", re.sub(r"http://www\.w3\.org/[\w/]+", "", page)))
        assert addresses <= {"http://example.org/x.css"}, addresses  # text of a row, which loads nothing
        page.encode()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs a browser: apt-get install chromium")
def test_no_script_runs_in_a_browser(tmp_path: Path) -> None:
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split()

    def title(page: Path) -> str:
        command = ["chromium", *flags, f"--user-data-dir={tmp_path / 'u'}", "--virtual-time-budget=2000", "--dump-dom", f"file://{page}"]
        dom = subprocess.run(command, capture_output=True, text=True, timeout=90).stdout
        return dom.split("<title>")[1].split("</title>")[0]

    control = tmp_path / "control.html"
    control.write_text(f"<title>mine</title>{HOSTILE[0]}")
    assert title(control) == "owned", "the trap itself must spring"
    for name, page in pages().items():
        if name != "audit":  # the template of runs
            path = tmp_path / f"{name}.html"
            path.write_text(re.sub(r"<meta http-equiv[^>]*>", "", page))  # escaping alone must hold, without the policy
            assert title(path) != "owned", name


def test_every_section_and_what_a_number_says() -> None:
    page = write_report(
        Summary(
            "r", manifest={"kept": 5, "planned": 6, "dropped": 1, "calls": 4, "cost_usd": 0.5, "status": "complete"},
            steps=[{"label": "write", "op": "write", "in": 6, "out": 5, "dropped": {"empty": 1}, "failed": {}, "means": {"empty": "no text came"}}],
            measurements=[number("realism.c2st_auc", detail={"reference": 0.51}), number("privacy.copies", 0, (0, 1), unit="rows"), number("mine.other"), number("critic.auc")],
            meaning={"realism.c2st_auc": "how well a learner tells them", "mine.other": "from another package"},
            losses=[{"id": "ab", "step": "write", "state": "dropped", "reason": "empty", "detail": "3 blanks"}],
            spent=[{"step": "write", "model": "m", "calls": 4, "tokens_in": 5, "tokens_out": 6, "cost_usd": 0.5}],
        )
    )  # fmt: skip
    nav = re.findall(r'<a href="#(\w+)">', page)
    assert nav == ["top", "generate", "curate", "evaluate", "privacy", "cost"] and all(f'id="{n}"' in page for n in nav)
    row = page.split('id="m-realism.c2st_auc"')[1].split("</tr>")[0]
    assert (
        'tabindex="0"' in row
        and "0.6 to 0.8" in row
        and "n = 100" in row
        and "higher is better" in row
        and "few rows" in row
        and "how well a learner" in row
    )
    assert "real rows: 0.51" in row and "mine</h3>" in page and "Told by the steps" in page.split("mine</h3>")[1]
    assert (
        page.index('id="privacy"') < page.index('id="m-privacy.copies"')
        and "no text came" in page
        and "3 blanks" in page
        and "$0.1000" in page
    )
    assert "script" not in page.replace("described", "") and "default-src 'none'" in page


def test_verdict_words() -> None:
    tiles = [
        {"title": "Rows", "verdict": "complete", "number": "5 kept", "tone": "good"},
        {"title": "Useful?", "verdict": "hurts", "number": "", "tone": "poor"},
    ]
    assert words.verdict(tiles, []) == {"tone": "poor", "text": "Against these rows: hurts."}
    failed = words.verdict(tiles[:1], [{"metric": "a.b", "passed": False}, {"metric": "c.d", "passed": True}])
    assert failed == {"tone": "poor", "text": "1 of 2 gates failed: a.b."}
    assert words.verdict(tiles[:1], [])["tone"] == "none" and "nothing was measured" in words.verdict(tiles[:1], [])["text"]


@pytest.mark.parametrize("kind", ["lines", "dots", "bars", "pie"])
def test_any_picture(kind: str) -> None:
    series = [
        {"name": "made", "role": "synthetic", "points": [[20, 0.5, 0.4, 0.6], [200, 0.7, None, None], [2000, float("nan"), 0, 1]]},
        {"name": "theirs", "role": "real", "points": [[20, 0.6, 0.5, 0.7], [200, 0.8, 0.7, 0.9]]},
    ]
    told = {"kind": kind, "title": "t", "x": "rows", "y": "AUC", "log_x": True, "series": series}
    svg = plots.picture(told)
    assert svg.startswith("<svg") and "var(--own)" in svg and "var(--real)" in svg and ">made<" in svg and svg == plots.picture(told)
    if kind == "lines":
        return  # of numbers only
    named = plots.picture({**told, "series": [{"name": "", "role": "both", "points": [["a <b>", 1, 0.5, 2], ["c", 2]]}]})
    assert "a &lt;b&gt;" in named and "var(--both)" in named
    assert plots.picture({**told, "series": []}) == "" and plots.picture({}) == ""


def test_a_picture_that_cannot_be_drawn_is_left_out() -> None:
    bad = [{"kind": "lines", "series": 3}, {"series": [{"points": [[]]}]}, {"kind": "dots", "series": [{"points": [3]}]}, {"series": ["x"]}]
    page = write_report(Summary("x", manifest={"kept": 1}, measurements=[number(f"mine.{k}", picture=p) for k, p in enumerate(bad)]))
    assert "<figure" not in page and "mine.3" in page


def test_matplotlib_settings_of_the_caller_stay() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    plots.picture({"kind": "bars", "series": [{"name": "a", "points": [["x", 1]]}]})
    assert dict(matplotlib.rcParams) == before


# -- the difference of two numbers ---------------------------------------------------------------------------------------


def test_difference_is_newcombes_for_shares() -> None:
    """Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10: 56/70 against 48/80, and three more."""
    for (x, n), (y, m), golden in (
        ((56, 70), (48, 80), (0.0524, 0.3339)), ((9, 10), (3, 10), (0.1705, 0.8090)), ((5, 56), (0, 29), (-0.0381, 0.1926)), ((10, 10), (0, 20), (0.6791, 1.0)),
    ):  # fmt: skip
        low, high = difference(y / m, wilson(y, m), x / n, wilson(x, n))
        assert (low, high) == pytest.approx(golden, abs=6e-5)


def test_difference_covers() -> None:
    import numpy as np

    rng = np.random.default_rng(4)
    hit = 0
    for _ in range(2_000):
        x, y = rng.binomial(60, 0.9), rng.binomial(200, 0.8)
        low, high = difference(x / 60, wilson(x, 60), y / 200, wilson(y, 200))
        hit += low <= -0.1 <= high
    assert 0.935 <= hit / 2_000 <= 0.97


def test_overlap_is_no_test() -> None:
    """Intervals 0..2 and 1.6..3.6 overlap, yet the difference of 1.6 has the interval 0.19..3.01."""
    told = compare(
        Side("a", "audit", measurements=[number("m.x", 1.0, (0.0, 2.0), unit="z")]),
        Side("b", "audit", measurements=[number("m.x", 2.6, (1.6, 3.6), unit="z")]),
        {},
    )
    (pair,) = told["numbers"]
    assert pair["apart"] is True and pair["verdict"] == "B is better" and pair["interval"] == pytest.approx([1.6 - 2**0.5, 1.6 + 2**0.5])


def test_what_cannot_be_compared_says_so() -> None:
    a = [number("m.one"), number("m.n", n=10, caveats=("values at other sizes are not comparable",)), number("m.none", span=None), number("m.unit", unit="rows"),
         number("m.near", 0.9, (0.89, 0.91), better="near 0.5"), number("m.same", detail={"reference": 0.5})]  # fmt: skip
    b = [
        number("m.n", n=20),
        number("m.none"),
        number("m.unit"),
        number("m.near", 0.4, (0.39, 0.41), better="near 0.5"),
        number("m.same", detail={"reference": 0.6}),
    ]
    told = compare(Side("a", "run", measurements=a), Side("b", "run", measurements=b), {})
    found = {x["metric"]: x["verdict"] for x in told["numbers"]}
    assert (
        found["m.one"] == "only in A"
        and found["m.n"] == "not comparable: measured at 10 and 20"
        and found["m.none"] == "no interval to tell by"
    )
    assert found["m.unit"] == "not comparable" and found["m.near"] == "B is better" and found["m.same"] == "cannot be told apart"
    assert told["other_real"] == ["m.same"] and (told["told_apart"], told["tested"]) == (1, 2)


def test_other_real_rows_are_known_by_their_digests() -> None:
    """At another number of rows the reference differs though the real rows are the same, and 0.5 stands beside both though they are not."""
    near, far = ([number("m.x", detail={"reference": x})] for x in (0.5, 0.6))

    def other(b: list[Measurement], tables: dict[str, str], seed: int = 0) -> list[str]:
        own = Side("a", "run", {"seed": 0}, near, tables={"real": "d1"} if "holdout" not in tables else {"real": "d1", "holdout": "d2"})
        return list(compare(own, Side("b", "run", {"seed": seed}, b, tables=tables), {})["other_real"])

    assert other(far, {"real": "d1"}) == [] and other(near, {"real": "d9"}) == ["real"] and other(far, {}) == ["m.x"]
    assert other(near, {"real": "d1"}, seed=1) == ["holdout"], "set aside by another seed"
    assert other(near, {"real": "d1", "holdout": "d2"}, seed=1) == [] and other(near, {"real": "d1", "holdout": "d8"}) == ["holdout"]


def test_no_row_is_no_praise(tmp_path: Path) -> None:
    """A run may be complete and empty: no tile is green, nothing is said of rows, and no advice is given that was followed."""
    recipe = make(tmp_path, 6)
    done = mintmark("run", recipe, "--set", "steps.1.length.characters=[99999, 100000]", "--out", "empty", cwd=tmp_path)
    folder = tmp_path / "empty"
    assert done.returncode == 4 and "NO ROW WAS KEPT" in done.stderr, "complete; the gate's number is not there"
    page, card = (folder / "report.html").read_text(), (folder / "README.md").read_text()
    assert json.loads((folder / "manifest.json").read_bytes())["kept"] == 0
    assert "No row was kept, so there is nothing to judge" in page and "There is no row to measure." in page
    assert 'class="tile poor"' in page and 'class="tile good"' not in page
    for text in (page, card):
        assert "The rows are there" not in text and "Add <code>measure:" not in text and "Not measured:" not in text


def test_a_card_cuts_no_sentence_short(tmp_path: Path) -> None:
    long = "Training intent classifiers. " * 40
    text = write_card(Summary(name="n", task=long, manifest={"kept": 3, "planned": 3}, card={"intended_use": long}, notes=["word " * 200]))
    assert text.count(long.strip()) == 2 and ("word " * 200).strip() in text
    assert write_card(Summary(name="n", task="word " * 2_000)).count("word …") == 1


# -- real runs -----------------------------------------------------------------------------------------------------------

RECIPE = """
name: small
tables: {real: rows.jsonl}
target: label
steps:
  - read: {from: real}
  - length: {column: text, characters: [3, 100000]}
measure: [privacy]
gates: {privacy.copies: {at_most: LIMIT}}
"""


def make(folder: Path, n: int, limit: int = 9999, long: int = 1) -> Path:
    folder.mkdir(exist_ok=True)
    rows = [
        {
            "text": f"row {i} {HOSTILE[i % len(HOSTILE)]} " + f"word{i % 97} " * long,
            "label": "ab"[i % 2],
            **{f"c{k}": f"value {i * k}" for k in range(9)},
        }
        for i in range(n)
    ]
    (folder / "rows.jsonl").write_bytes(b"".join(dumps(r) + b"\n" for r in rows))
    (folder / "r.yaml").write_text(RECIPE.replace("LIMIT", str(limit)))
    return folder / "r.yaml"


@pytest.mark.slow
def test_5000_rows_make_a_report_of_less_than_2_mb(tmp_path: Path) -> None:
    done = mintmark("run", make(tmp_path, 5_000, long=10), "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "report.html").read_text()
    assert len(page.encode()) < 2_000_000 and str(tmp_path) not in page and "how it came about" in page and "mintmark show out " in page
    print(f"report of 5,000 rows: {len(page.encode()):,} bytes")


def test_the_largest_report_there_can_be_is_less_than_2_mb() -> None:
    """Long cells, 40 columns, 200 numbers with 1,000 groups each, 60 pictures, 40 losses: everything is cut where it has to be."""
    row = {f"column {k}": "word " * 10_000 for k in range(40)}
    rows = [{"id": f"{i:020d}", **row} for i in range(12)]
    life = {
        r["id"]: {"parents": [], "steps": [{"label": f"s{k}", "op": "x", "calls": 1, "wrote": list(row)} for k in range(20)]} for r in rows
    }
    drawn = {
        "kind": "lines",
        "title": "t",
        "x": "x",
        "y": "y",
        "series": [{"name": f"s{j}", "role": "other", "points": [[i, i % 7, 0, 9] for i in range(5_000)]} for j in range(20)],
    }
    found = [number(f"f.{k}", by_group={f"group {g}": 0.5 for g in range(1_000)}, picture=drawn if k < 60 else None) for k in range(200)]
    losses = [{"id": "x", "step": "s", "state": "failed", "reason": "r", "detail": "why " * 10_000}] * 40
    steps = [{"label": "s", "op": "s", "in": 100, "out": 60, "dropped": {}, "failed": {"r": 40}}]
    size = len(
        write_report(
            Summary(
                "x", manifest={"kept": 12}, steps=steps, samples=rows, losses=losses, measurements=found, lineage=life, recipe="a" * 10**6
            )
        ).encode()
    )
    assert size < 2_000_000, size


def test_compare_serve_and_show_two_runs(tmp_path: Path) -> None:
    for name, limit in (("one", 9999), ("two", 0)):
        recipe = make(tmp_path / name, 60, limit)
        if name == "two":
            done = mintmark("run", recipe, "--out", tmp_path / "out-two", "--junit", tmp_path / "two.xml", cwd=tmp_path)
            assert done.returncode == 4, done.stderr
        else:
            made = mm.run(recipe, out=tmp_path / "out-one")
    failure = ET.parse(tmp_path / "two.xml").getroot().find("testsuite/testcase/failure")
    assert failure is not None and re.match(r"measured 48 rows \[.*\] \(n = 48\), expected at_most 0", failure.get("message") or "")
    a, b = tmp_path / "out-one", tmp_path / "out-two"
    before = {p.name: p.read_bytes() for p in a.iterdir() if p.is_file()}
    done = mintmark("report", a, b, cwd=tmp_path)
    assert done.returncode == 0 and "numbers tell A from B" in done.stdout and "recipes differ in" in done.stdout, done.stderr
    page = (a / "compare-out-two.html").read_text()
    assert "at_most: 9999" in page and "row " in page and {p: (a / p).read_bytes() for p in before} == before
    page_at, told = comparing.compare_folders(a, b, tmp_path / "c.html")
    assert told["b"]["verdict"]["text"].startswith("1 of 1 gates failed") and told["samples"][0]["id"] and page_at.exists()
    assert json.loads(dumps(told))["told_apart"] == 0
    for bad in ("report.html", "rows/x.html", "manifest.json"):
        with pytest.raises(RunFolderError, match="the run's own"):
            comparing.compare_folders(a, b, b / bad)
    with pytest.raises(RunFolderError, match="neither manifest"):
        comparing.compare_folders(a, tmp_path / "nowhere")
    _serve(b)
    html = made._repr_html_()
    assert (
        repr(made).startswith("<Run 'small': complete, 48 kept")
        and "<table>" in html
        and "<script" not in html
        and "privacy.copies" in html
    )


def _serve(folder: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "mintmark", "report", str(folder), "--serve"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            line = process.stdout.readline()
            found = re.match(r"http://127\.0\.0\.1:(\d+)/", line)
            assert found, line + process.stderr.read()
            port = int(found[1])

            def ask(path: str, host: str | None = None, method: str = "GET") -> tuple[int, bytes]:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request(method, path, headers={"Host": host or f"127.0.0.1:{port}"})
                answer = connection.getresponse()
                return answer.status, answer.read()

            assert ask("/") == (200, (folder / "report.html").read_bytes()) == ask("/report.html", f"localhost:{port}")
            assert ask("/measurements.json") == (200, (folder / "measurements.json").read_bytes())
            for path in (
                "/data.jsonl",
                "/rows",
                "/rows/",
                "/../one/rows.jsonl",
                "/%2e%2e/",
                "/report.html/..",
                "/journal.sqlite",
                "/report.html?x",
            ):
                assert ask(path)[0] == 404, path
            for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}"):
                assert ask("/", host)[0] == 421, host
            assert ask("/", method="POST")[0] == 501
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(20)
        assert code == 0 and process.stderr.read() == ""


def test_an_audit_has_gates_and_can_be_compared(tmp_path: Path) -> None:
    make(tmp_path, 80)
    table = tmp_path / "rows.jsonl"
    args = (table, "--real", table, "--measure", "privacy")
    done = mintmark(
        "audit",
        *args,
        "--gate",
        "privacy.copies<=0",
        "--gate",
        "privacy.copies >= 1",
        "--junit",
        tmp_path / "g.xml",
        "--out",
        tmp_path / "a",
        cwd=tmp_path,
    )
    assert done.returncode == 4 and "gate privacy.copies at_most 0: 80 -> FAILED" in done.stdout, done.stderr
    gates = json.loads((tmp_path / "a" / "measurements.json").read_text())["gates"]
    assert [g["passed"] for g in gates] == [False, True] and "1 of 2 gates failed" in (tmp_path / "a" / "report.html").read_text()
    assert [len(c) for c in ET.parse(tmp_path / "g.xml").getroot()[0]] == [1, 1]
    for bad, why in (("privacy.copies<=0", None), ("privacy.copys<=0", "no metric"), ("utility.lift>=0", "is not measured")):
        gates = [Gate.parse_line(bad)]
        if why is None:
            assert mm.audit(str(table), real=str(table), measure=["privacy"], gates=gates)
        else:
            with pytest.raises(RecipeError, match=why):
                mm.audit(str(table), real=str(table), measure=["privacy"], gates=gates)
    page, told = comparing.compare_folders(tmp_path / "a", tmp_path / "a")
    assert page.name == "compare-a.html" and told["a"]["lead"] == "This is an audit of 80 synthetic rows." and told["samples"] == []
    (tmp_path / "a" / "measurements.json").write_text('{"measurements": [{"metric": 3}]}')
    with pytest.raises(RunFolderError, match="damaged"):
        comparing.compare_folders(tmp_path / "a", tmp_path / "a")


def test_junit_escapes_names() -> None:
    gate = {"metric": POISON, "limit": POISON, "value": None, "passed": False}
    root = ET.fromstring(junit(POISON, [gate, {**gate, "passed": True, "value": 0.5}], {}, [POISON]))
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("3", "1", "1") and len(
        root.findall("testsuite/testcase")
    ) == 3
    assert "<script>" in (root[0][0].get("name") or "") and "measured nothing" in (root[0][0][0].get("message") or "")


def test_gate_lines() -> None:
    assert Gate.parse_line("a.b>=0") == Gate("a.b", at_least=0.0) and Gate.parse_line(" a.b <= -1.5e-3 ") == Gate("a.b", at_most=-0.0015)
    for bad in ("a.b", "a.b>0", "a.b>=x", ">=1", "a.b>=1.2.3", "a.b==1"):
        with pytest.raises(RecipeError, match="--gate"):
            Gate.parse_line(bad)


def test_lineage_names_steps_parents_and_what_they_wrote(tmp_path: Path) -> None:
    assert mintmark("new", "grounded-qa", tmp_path, cwd=tmp_path).returncode == 0
    done = mintmark("run", "grounded-qa.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "report.html").read_text()
    first = lines(tmp_path / "out" / "data.jsonl")[0]
    life = page.split('<ol class="life">')[1].split("</ol>")[0]
    assert (
        "made of row" in life
        and "at chunk" in life
        and "<b>grounded_qa</b> asked 1 time wrote" in life
        and "= 50 minutes" in life
        and "let it pass" in life
    )
    assert f"mintmark show out {first['id']}" in page and "answer_not_in_quote" in page and 'id="curate"' in page
    assert sum(map(int, re.findall(r"asked (\d+) time", life))) == 4, "one question, one reader, two closed-book samples"


def test_a_gate_without_a_number_is_refused() -> None:
    with pytest.raises(RecipeError, match="expected a number"):
        Gate.parse("utility.lift", {"at_least": float("nan")})
