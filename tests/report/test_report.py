"""The report and the card: hostile rows do nothing (H7), words claim no more than intervals carry, it looks right in a browser."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mintmark.core.metric import Measurement
from mintmark.report import words
from mintmark.report.card import write_card
from mintmark.report.html import cell, label, write_report
from mintmark.report.summary import Summary

HOSTILE = [
    "<script>document.title='owned'</script>", "</script><img src=x onerror=\"document.title='owned'\">", "<svg onload=alert(1)>", "javascript:alert(1)",
    "\x1b[31mred\u202e", "{{ 7*7 }}", "| a | b |\n# head", "a" * 100_000, "\0", "</style><style>body{display:none}</style>", "http://example.org/x.png", "lone \ud800 surrogate",
]  # fmt: skip


def measured(name: str, value: float, span: tuple[float, float], unit: str = "AUC", **more: object) -> Measurement:
    return Measurement(name, value, unit, 100, span, "higher", caveats=("few rows",), **more)  # type: ignore[arg-type]


def summary() -> Summary:
    rows = [{"id": f"{i:020d}", "text": t, "<b>": t} for i, t in enumerate(HOSTILE)]
    manifest = {"kept": 11, "planned": 20, "dropped": 6, "failed": 3, "pending": 0, "status": "complete", "calls": 20, "cost_usd": 0.0123, "wall_s": 3.2,
                "recipe_hash": "ab" * 16, "seed": 0, "tokens_in": 10, "tokens_out": 20, "cpu_s": 1, "peak_rss_mb": 99, "models": {"writer": HOSTILE[0]}}  # fmt: skip
    found = [
        measured("utility.lift", 0.02, (-0.01, 0.05), detail={"both": 0.82, "real": 0.8}),
        measured("utility.tstr", 0.7, (0.6, 0.8)),
        measured("utility.trtr", 0.8, (0.75, 0.85)),
        measured("realism.c2st_auc", 0.9, (0.85, 0.95), detail={"gives_away": HOSTILE, "reference": 0.5}),
    ]
    steps = [{"label": HOSTILE[0], "op": "write", "in": 20, "out": 17, "dropped": {}, "failed": {HOSTILE[1]: 3}}]
    losses = [{"id": "x" * 20, "step": "write", "state": "failed", "reason": HOSTILE[0], "detail": HOSTILE[1]}]
    columns = [{"name": HOSTILE[0], "kind": "category", "synthetic": {HOSTILE[1]: 0.5, "b\ud800\0": 0.5}, "real": {"b": 1.0}}]
    return Summary(HOSTILE[0], task=HOSTILE[1], manifest=manifest, steps=steps, samples=rows, losses=losses, columns=columns, measurements=found,
                   notes=HOSTILE, citations=["x"], recipe=HOSTILE[1], tables=[{"name": "real", "rows": 5, "private": True}])  # fmt: skip


def test_hostile_rows_are_text(tmp_path: Path) -> None:
    page = write_report(summary())
    lower = page.lower()
    assert "<script" not in lower and 'onerror="' not in lower.replace("&#34;", "").replace("onerror=&", "") and "<svg onload" not in lower
    assert (
        lower.count("</style>") == lower.count("<style")
        and "\x1b" not in page
        and "\u202e" not in page
        and "\0" not in page
        and "\ud800" not in page
    )
    assert len(page) < 500_000 and "100,000 characters" in page
    card = write_card(summary())
    assert "<script" not in card and "\n# head" not in card


def test_words_claim_no_more_than_the_interval() -> None:
    found = words.by_name(summary().measurements)
    assert words.useful(found)["verdict"] == "no gain or loss can be shown"
    better = words.by_name([measured("utility.lift", 0.05, (0.01, 0.09))])
    assert words.useful(better)["verdict"] == "adding them helps a learner"
    text = words.opening("x", {"kept": 5, "planned": 5, "status": "complete"}, [], "run")
    assert "Not measured: variety, realism, use and privacy" in text
    assert words.number(1234567, "rows") == "1,234,567" and words.number(0.00001) == "1.0e-05" and words.money(0.5) == "$0.5000"


def test_a_column_that_differs_is_named_where_a_learner_of_all_columns_sees_nothing() -> None:
    def told(effect: float, p: float) -> list[Measurement]:
        columns = {"age": {"effect": effect, "p": p}, "town": {"effect": 0.01, "p": 0.9}}
        return [
            measured("realism.c2st_auc", 0.54, (0.46, 0.62)),
            measured("realism.not_different", 0.5, (0.1, 0.9), detail={"columns": columns}),
        ]

    for effect, p, verdict in (
        (0.48, 1e-6, "a learner cannot tell them from real rows, but age differs"),
        (0.05, 1e-6, "a learner cannot tell them from real rows"),  # a trifle, found because there are many rows
        (0.48, 0.04, "a learner cannot tell them from real rows"),  # what two columns show by chance
    ):
        assert words.realistic(words.by_name(told(effect, p)))["verdict"] == verdict


def test_repeating_as_real_rows_do_is_no_fault() -> None:
    def told(reference: float) -> list[Measurement]:
        return [
            measured("diversity.vendi", 20, (19, 21), "rows", detail={"reference": 20}),
            measured("diversity.near_duplicates", 0.3, (0.2, 0.4), "share", detail={"reference": reference}),
        ]

    assert words.varied(words.by_name(told(0.01)))["verdict"] == "repeats itself"
    assert words.varied(words.by_name(told(0.3)))["verdict"] == "about as varied as the real rows"


def test_a_run_whose_rows_failed_is_not_shown_as_good() -> None:
    def tile(failed: int, status: str = "complete") -> dict[str, str]:
        return words.tiles({"status": status, "planned": 6676, "kept": 6676 - failed, "failed": failed}, [])[0]

    assert tile(6672)["tone"] == "poor" and tile(6672)["number"] == "4 kept of 6,676 planned, 6,672 failed"
    assert (tile(1000)["tone"], tile(3)["tone"], tile(0, "unfinished")["tone"]) == ("fair", "good", "poor")
    assert tile(0)["number"] == "6,676 kept of 6,676 planned"


def test_one_row_was_dropped_and_a_tool_call_reads_as_one() -> None:
    told = words.opening("x", {"kept": 7, "planned": 9, "dropped": 1, "pending": 1}, [], "run")
    assert "1 was dropped and 1 is still pending." in told
    call = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "hours", "arguments": '{"day": "Monday"}'}}]}
    assert cell([call]) == 'assistant: hours({"day": "Monday"})'
    assert label("label_errors") == "label_<wbr>errors" and "<script" not in label("a_<script>")


def test_no_picture_library_without_measurements() -> None:
    code = "from mintmark.report.html import write_report; from mintmark.report.summary import Summary; import sys; write_report(Summary('x', manifest={'kept': 1}));"
    import sys

    from conftest import ROOT

    done = subprocess.run(
        [sys.executable, "-c", code + "print('matplotlib' in sys.modules)"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "src")},
    )
    assert done.stdout.strip() == "False", done.stderr


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs a browser: apt-get install chromium")
@pytest.mark.parametrize("width", [1280, 400])
def test_in_a_browser_nothing_runs(tmp_path: Path, width: int) -> None:
    (tmp_path / "r.html").write_text(write_report(summary()))
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split()
    done = subprocess.run(
        ["chromium", *flags, f"--user-data-dir={tmp_path / 'u'}", f"--window-size={width},900", "--dump-dom", f"file://{tmp_path / 'r.html'}"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "owned" not in done.stdout.split("</title>")[0].split("<title>")[1].replace("document.title='owned'", "").replace(
        "document.title=&#39;owned&#39;", ""
    )
    assert "<title>" in done.stdout and "no gain or loss can be shown" in done.stdout


def test_code_is_shown_in_letters_of_one_width() -> None:
    rows = [{"id": "a" * 20, "solution": "def f(x):\n    return x", "text": "one line\nand another"}]
    page = write_report(Summary("x", manifest={"kept": 1, "planned": 1, "status": "complete"}, samples=rows))
    assert page.count('<dd class="code">') == 1 and '<dd class="code">def f(x):\n    return x</dd>' in page
