"""canaries: what is made and planted, a generator that learns them by heart is caught, one that never saw them is not."""

from __future__ import annotations

import csv
import json
import random
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from conftest import lines, mintmark
from mintmark.core.context import Context
from mintmark.core.errors import InputError, MintmarkError, RecipeError, RunFolderError
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.core.rows import Columns
from mintmark.evaluate.canaries import Canaries
from mintmark.planting import plant
from mintmark.testing import check_metric
from mintmark.text.canaries import make
from mintmark.text.ngram_model import CopyGuard, NgramModel
from mintmark.text.trigram import Trigram, perplexity, words_of


def questions(data: Path, n: int) -> list[dict[str, str]]:
    rows = list(csv.DictReader((data / "banking77" / "train.csv").open()))
    return [rows[i] for i in np.random.default_rng(0).permutation(len(rows))[:n]]


def measured(made: list[str], inside: list[str], outside: list[str]) -> dict[str, Measurement]:
    tables = {name: Columns(name, {"text": side}) for name, side in (("canaries_in", inside), ("canaries_out", outside))}
    found = check_metric(Canaries(), Tables(Data({"text": made}), text="text"), Context(tables=tables))
    return {m.metric.partition("canary_")[2]: m for m in found}


def test_canaries_begin_as_texts_do_and_end_as_none(data: Path) -> None:
    real = [r["text"] for r in questions(data, 1_000)]
    found = make(real, 60, 1)
    assert len(set(found)) == 60 and found == make(real, 60, 1) != make(real, 60, 2)
    guard, model = CopyGuard(real), Trigram(map(words_of, real), 5_000)
    assert not any(guard.verdict(t) for t in found), "nobody's text is copied"
    begins, ends = [" ".join(t.split()[:3]) for t in found], [" ".join(t.split()[-12:]) for t in found]
    assert perplexity(model, map(words_of, ends))[0] > 10 * perplexity(model, map(words_of, begins))[0]
    with pytest.raises(ValueError, match="canaries need 20 texts"):
        make(real[:5], 2, 0)


def test_planting(tmp_path: Path, data: Path) -> None:
    rows = questions(data, 300)
    (tmp_path / "real.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    done = mintmark("canaries", "real.jsonl", "--column", "text", "-n", 20, "--times", 2, "--out", "p", cwd=tmp_path)
    assert done.returncode == 0 and "p/planted.jsonl: 340 rows" in done.stdout, done.stderr
    planted, inside, outside = (lines(tmp_path / "p" / f"{n}.jsonl") for n in ("planted", "canaries_in", "canaries_out"))
    texts = [r["text"] for r in planted]
    assert sorted(texts) == sorted([r["text"] for r in rows] + 2 * [r["text"] for r in inside])
    assert not {r["text"] for r in outside} & set(texts) and {r["category"] for r in inside} <= {r["category"] for r in rows}
    assert stat.S_IMODE((tmp_path / "p" / "planted.jsonl").stat().st_mode) == 0o600
    recipe: dict[str, Any] = {
        "name": "copy",
        "tables": {"real": "p/planted.jsonl", "canaries_in": "p/canaries_in.jsonl", "canaries_out": "p/canaries_out.jsonl"},
        "steps": [{"read": {"from": "real"}}],
        "measure": [{"canaries": {}}],
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    run = mm.run(mm.load(tmp_path / "recipe.yaml"), out=tmp_path / "run")
    assert {m.metric: m.value for m in run.measurements}["privacy.canary_auc_ngram"] == 1
    with pytest.raises(RunFolderError, match="holds a planted table already"):
        plant(tmp_path / "real.jsonl", "text", 5, tmp_path / "p")
    for bad in (dict(n=0), dict(column="txt"), dict(column="category")):
        with pytest.raises(InputError, match="canaries"):
            plant(tmp_path / "real.jsonl", **{"column": "text", "out": tmp_path / "q", **bad})  # type: ignore[arg-type]


def test_from_planting_to_the_verdict_on_the_command_line(tmp_path: Path, data: Path) -> None:
    """A copier that rewrites every seventh word is flagged; rows that never saw a canary are not."""
    rng, rows = random.Random(1), questions(data, 1_200)

    def write(name: str, some: list[dict[str, str]]) -> None:
        (tmp_path / name).write_text("".join(json.dumps(r) + "\n" for r in some))

    write("letters.jsonl", rows[:600])
    planted = mintmark("canaries", "letters.jsonl", "--column", "text", "-n", 80, cwd=tmp_path)
    assert planted.returncode == 0 and "--canaries planted" in planted.stdout, planted.stderr
    seen = lines(tmp_path / "planted" / "planted.jsonl")
    words = sorted({w for r in seen for w in r["text"].split()})
    copied = [
        {**r, "text": " ".join(rng.choice(words) if rng.random() < 1 / 7 else w for w in r["text"].split())} for r in rng.sample(seen, 450)
    ]
    write("copier.jsonl", copied)
    write("stranger.jsonl", rows[600:])
    said = {}
    for name in ("copier", "stranger"):
        options = ("--real", "planted/planted.jsonl", "--text", "text", "--canaries", "planted", "--measure", "canaries", "--out", name)
        done = mintmark("audit", f"{name}.jsonl", *options, cwd=tmp_path)
        assert done.returncode == 0 and "against 680 real rows\n" in done.stdout, done.stderr
        said[name] = done.stdout
        assert (tmp_path / name).stat().st_mode & 0o077 == 0, "planted tables are private"
        found = {m["metric"]: m for m in json.loads((tmp_path / name / "measurements.json").read_text())["measurements"]}
        tpr, auc = found["privacy.canary_tpr_ngram"], found["privacy.canary_auc_ngram"]
        if name == "copier":
            assert auc["interval"][0] > 0.75 and tpr["interval"][0] > 0.3 and tpr["n"] == 160 and tpr["detail"]["epsilon_lower"] > 0.5
        else:
            assert auc["interval"][0] < 0.51 < auc["interval"][1] + 0.1 and tpr["interval"][0] < 0.02
    assert "gives real rows away" in said["copier"] and "canaries can be told by the wording" in said["copier"]
    assert "away" not in said["stranger"].split("measurement")[0] and "can be told" not in said["stranger"]


def test_a_memory_is_caught_and_a_stranger_is_not(data: Path) -> None:
    real = [r["text"] for r in questions(data, 1_600)]
    own, fresh = real[:800], real[800:]
    found = make(own, 160, 3)
    inside, outside = found[:80], found[80:]
    clean = measured(fresh, inside, outside)
    for name in ("auc_ngram", "auc_nearest"):
        assert clean[name].interval[0] < 0.5 < clean[name].interval[1], name  # type: ignore[index]
    half = measured([*fresh, *inside[:40]], inside, outside)
    assert half["auc_ngram"].interval[0] > 0.6 and half["tpr_nearest"].interval[0] > 0.3 and half["tpr_nearest"].detail["epsilon_lower"] > 0  # type: ignore
    walk, rng = NgramModel.fit([*own, *inside]), random.Random(0)
    echo = measured([walk._walk(None, rng) for _ in range(800)], inside, outside)
    assert echo["auc_ngram"].interval[0] > 0.55, "an n-gram generator without its guard is caught by what it remembers"  # type: ignore[index]


def test_what_it_cannot_read() -> None:
    texts = Tables(Data({"text": ["a b c"] * 5}), text="text")
    assert Canaries().measure(texts, Context()) == []
    with pytest.raises(MintmarkError, match="mine"):
        Canaries(inside="mine").measure(texts, Context())
    one = {n: Columns(n, {"body": ["x"]}) for n in ("canaries_in", "canaries_out")}
    with pytest.raises(RecipeError, match="no column 'text'"):
        Canaries().measure(texts, Context(tables=one))
