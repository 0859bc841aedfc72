"""Metrics of other packages: found by their entry point, used by recipes and gates, checked by check_metric; broken ones refused in words.

The package is what `docs/metrics.md` shows, word for word, with the .dist-info that an installer would leave on sys.path.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from conftest import ROOT, mintmark

DOCS = (ROOT / "docs/metrics.md").read_text()
SOURCE = re.findall(r"```python\n(.*?)```", DOCS, re.S)[0]
RECIPE = """
name: plugged
tables: {real: messages.csv}
steps: [{read: {from: real}}]
measure: [%s]
gates: {style.short_words: {at_least: %s}}
"""


def install(folder: Path, source: str, at: str = "short_words:ShortWords") -> dict[str, str]:
    """A package without a wheel: a module and its .dist-info; returns the environment in which it counts as installed."""
    info = folder / "style_metrics-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: style-metrics\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[mintmark.metrics]\nshort_words = {at}\n")
    (folder / "short_words.py").write_text(source)
    return {"PYTHONPATH": f"{ROOT / 'src'}:{folder}"}


def test_the_metric_of_the_docs_is_one_of_ours(tmp_path: Path) -> None:
    env = install(tmp_path / "site", SOURCE)
    listed = mintmark("list", "metrics", cwd=tmp_path, env=env).stdout
    assert "style: from an installed package\n  style.short_words " in listed and listed.count("from an installed package") == 1
    (tmp_path / "messages.csv").write_text("text\n" + "".join(f"a word or two about number {i}\n" for i in range(30)))
    for measure, limit, code in (("style", 0.4, 0), ("{short_words: {letters: 4}}", 0.9, 4)):
        (tmp_path / "r.yaml").write_text(RECIPE % (measure, limit))
        done = mintmark("run", "r.yaml", "--out", f"out{code}", cwd=tmp_path, env=env)
        assert done.returncode == code, done.stderr
        told = json.loads((tmp_path / f"out{code}/measurements.json").read_text())
        share = {0: 4 / 7, 4: 5 / 7}[code]  # a, or, two and the number; with four letters also word
        assert told["measurements"][0]["value"] == pytest.approx(share) and told["gates"][0]["passed"] is (code == 0)
        assert "- Our own count" in (tmp_path / f"out{code}/README.md").read_text()
    done = mintmark("audit", "messages.csv", "--real", "messages.csv", "--measure", "style", cwd=tmp_path, env=env)
    assert done.returncode == 0 and re.search(r"^style.short_words +0\.", done.stdout, re.MULTILINE), done.stderr


def test_check_metric_passes_it_and_tells_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mintmark.core.context import Context
    from mintmark.core.metric import Data, Tables
    from mintmark.testing import check_metric

    (tmp_path / "short_words.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "short_words", raising=False)
    from short_words import ShortWords  # type: ignore[import-not-found]

    texts = Data({"text": ["a word or two", "an old one", "nothing else"]})
    tables = Tables(texts, texts, text="text")
    (m,) = check_metric(ShortWords(), tables, Context(0))
    assert (m.value, m.n, m.detail) == (6 / 9, 9, {"reference": 6 / 9})

    class Undeclared(ShortWords):  # type: ignore[misc]
        gives = {"style.other": "nothing"}

    with pytest.raises(AssertionError, match=r"gives 'style\.short_words', which it does not declare"):
        check_metric(Undeclared(), tables, Context(0))


@pytest.mark.parametrize(
    ("source", "at", "word"),
    [
        ("raise SystemError('no luck')", "short_words:ShortWords", "cannot be loaded (SystemError: no luck)"),
        (SOURCE, "short_words:Long", "cannot be loaded (AttributeError"),
        (SOURCE, "nowhere:ShortWords", "cannot be loaded (ModuleNotFoundError"),
        (SOURCE, "short_words:dataclass", "is no Metric with a name, a family and what it gives"),
        (SOURCE.replace('"short_words"', '"utility"'), "short_words:ShortWords", "is called 'utility', as another one is"),
        (SOURCE.replace("style.short_words", "utility.lift"), "short_words:ShortWords", "gives 'utility.lift', as another one does"),
    ],
)
def test_a_broken_one_is_refused_in_words(tmp_path: Path, source: str, at: str, word: str) -> None:
    done = mintmark("list", "metrics", cwd=tmp_path, env=install(tmp_path / "site", source, at))
    assert done.returncode == 2 and word in done.stderr and "of style-metrics" in done.stderr and "Traceback" not in done.stderr, (
        done.stderr
    )
    assert mintmark("list", "ops", cwd=tmp_path, env={"PYTHONPATH": f"{ROOT / 'src'}:{tmp_path / 'site'}"}).returncode == 0


def test_check_metric_refuses_what_others_could_not_read() -> None:
    from mintmark.core.context import Context
    from mintmark.core.metric import Data, Measurement, Metric, Tables
    from mintmark.testing import check_metric

    class Odd(Metric):
        name, family, gives = "odd", "odd", {"odd.one": "a number"}
        value = 0.5

        def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
            tables.synthetic.columns["text"].append("mine")  # type: ignore[attr-defined]
            return [Measurement("odd.one", self.value, "share", 1, None, "higher", caveats=("no interval",))]

    tables = Tables(Data({"text": ["a", "b"]}))
    with pytest.raises(AssertionError, match="leaves the tables as they are"):
        check_metric(Odd(), tables, Context(0))
    nan = type(
        "Nan", (Odd,), {"measure": lambda self, t, c: [Measurement("odd.one", float("nan"), "share", 1, None, "higher", caveats=("x",))]}
    )
    with pytest.raises(AssertionError, match="nan is no number"):
        check_metric(nan(), tables, Context(0))
