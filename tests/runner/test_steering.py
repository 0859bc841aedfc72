"""Dataset-wise generation: sources that steer by what was kept. They end, name what they gave up, and survive kill -9 byte for byte."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from conftest import ROOT, check_books, ledger, lines, write_recipe
from mintmark.core.recipe import label_steps
from mintmark.core.rows import row_id
from mintmark.embedders.tfidf import TfidfEmbedder
from mintmark.models.scripted import ScriptedModel
from mintmark.prompting import built_in
from mintmark.stores.memory import MemoryStore
from server import Fault, Server, completion

MODEL = """
import asyncio, json, os, re, signal, zlib
from pathlib import Path

CALLS = [0]


async def answer(request):
    CALLS[0] += 1
    if CALLS[0] == int(os.environ.get("KILL_AT", "0")):
        await asyncio.sleep(0.05)  # what came before is committed by then, or is not
        os.kill(os.getpid(), signal.SIGKILL)
    await asyncio.sleep(0.001 * (zlib.crc32(request.messages[-1]["content"].encode()) % 5))
    return reply(request.messages[-1]["content"], request)


def reply(text, request):
    chance = zlib.crc32(text.encode())
    if text.startswith("kind "):
        kind, number = text.split()[1:]
        if kind.startswith("never") or (kind == "hard" and chance % 3):
            return "no"
        return f"{kind} text number {number} of {chance}"
    if "stands in a tree of topics" in text:
        topic = re.search('topic "([^"]*)"', text)[1]
        if topic == "barren":
            return json.dumps({"rows": [{"subtopic": "Books"}, {"subtopic": "books "}]})
        again = "books" if len(topic) % 2 else f"{topic} 0"
        return json.dumps({"rows": [{"subtopic": s} for s in (f"{topic} 0", f"{topic} 1", again)]})
    if text.startswith("near "):
        return "no" if "stubborn" in text else text.removeprefix("near ") + " indeed"
    task = text.split("-----")[1].strip()
    if "stubborn" in task or (chance % 4 == 0 and "always" not in task):
        return task
    return task + " and more"
"""
HEAD = "name: {name}\nmodels: {{writer: 'scripted:model:answer'}}\ntables: {{seeds: seeds.jsonl}}\n"
BODIES = {
    "balance": """
  at_most: 20
  steps:
    - balance: {column: kind, values: [easy, plain, hard, never, never2], to: 12, with: {k: [1, 2, 3, 4, 5, 6, 7, 8, 9]}}
    - write: {column: text, prompt: "kind {{ kind }} {{ k }}{{ round }}"}
    - length: {column: text, words: [3, 9]}
""",
    "topics": """
  at_most: 5
  steps:
    - topics: {roots: [books, barren, rooms], branch: 3, depth: 3}
    - write: {n: 3, schema: {type: object, properties: {subtopic: {type: string}}, required: [subtopic]}, prompt: {built_in: subtopics}}
    - dedup: {column: subtopic}
""",
    "parents": """
  at_most: 6
  steps:
    - parents: {from: seeds, patience: 2}
    - evolve: {column: instruction, operations: [constraint, deepen]}
""",
    "cover": """
  at_most: 12
  steps:
    - cover: {from: seeds.instruction, column: text, per_round: 3, radius: 0.25, patience: 2}
    - write: {column: text, prompt: "near {{ anchor }}"}
    - length: {column: text, words: [2, 30]}
""",
}
SEEDS = [
    "always renew a book by phone", "renew a card by post", "book a quiet room", "book a big room for a club", "pay a late fee at the desk",
    "pay a fee by card online", "stubborn question nobody can rewrite", "when does the branch open", "when does the cafe open on sunday",
]  # fmt: skip


def folder_with(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.py").write_text(MODEL)
    (folder / "seeds.jsonl").write_text("".join(json.dumps({"instruction": s}) + "\n" for s in SEEDS))
    return write_recipe(folder, HEAD.format(name=name) + "steps:\n- repeat:" + BODIES[name].replace("\n", "\n  "))


def clean_run(tmp_path: Path, name: str) -> tuple[Any, list[dict[str, Any]], list[dict[str, Any]]]:
    path = folder_with(tmp_path, name)
    run = mm.run(path, out=tmp_path / "out", report=False)
    assert run.status == "complete", run.reason
    check_books(tmp_path / "out")
    return run, run.rows(), ledger(tmp_path / "out")


def entropy(counts: Counter[Any]) -> float:
    n = counts.total()
    return -sum(c / n * math.log(c / n) for c in counts.values() if c)


# -- balance -------------------------------------------------------------------------------------------------------------
def test_balance_fills_what_can_be_filled_and_names_what_starves(tmp_path: Path) -> None:
    run, rows, books = clean_run(tmp_path, "balance")
    kept = Counter(r["kind"] for r in rows)
    assert set(kept) == {"easy", "plain", "hard"} and min(kept.values()) >= 12
    assert entropy(kept) >= 0.99 * math.log(3)
    starved = [line for line in books if line["reason"] == "starved"]
    assert [line["detail"] for line in starved] == [f"kind: {k}: 0 of 12 kept after 48 rows" for k in ("never", "never2")]
    assert {(line["state"], line["step"], line["calls"]) for line in starved} == {("dropped", "balance", 0)}
    funnel = {step["label"]: step for step in run.manifest["steps"]}
    assert funnel["balance"]["dropped"] == {"starved": 2} and "starved" not in funnel["length"]["dropped"]
    assert max(r["round"] for r in rows) < 20, "it ended by itself"


def test_balance_over_several_columns() -> None:
    """Cells are the product; the starved ones are named as cells, the others are even."""

    def fussy(prompt: str) -> str:
        return "no" if prompt.split()[:2] == ["fee", "angry"] else f"a text on {prompt}"

    balance = mm.generate.Balance(
        to=20, columns={"intent": ["fee", "room", "hours"], "tone": ["plain", "angry"]}, more={"k": list(range(99))}
    )
    ops = [
        balance,
        mm.generate.Write(prompt="{{ intent }} {{ tone }} {{ k }}", column="text"),
        mm.curate.Length(column="text", words=(3, 9)),
    ]
    loop = mm.Repeat(steps=label_steps(ops), at_most=9)
    store = MemoryStore()
    run = mm.run(mm.Recipe("cells", ops=[loop], models={"writer": ScriptedModel(fussy)}), store=store, report=False)
    cells = Counter((r["intent"], r["tone"]) for r in run.rows())
    assert cells == {c: 20 for c in itertools.product(("fee", "room", "hours"), ("plain", "angry")) if c != ("fee", "angry")}
    assert entropy(cells) == pytest.approx(math.log(5))
    assert {r["cell"] for r in run.rows()} >= {"intent='fee', tone='plain'"}
    told = [x["detail"] for x in store.tables["ledger.parquet"] if x["reason"] == "starved"]
    assert told == ["cell: intent='fee', tone='angry': 0 of 20 kept after 80 rows"]


@pytest.mark.parametrize("more", [{}, {"columns": {"a": [1]}, "column": "a"}, {"columns": {"a": "x"}}, {"column": "a", "values": [1], "more": {"a": [2]}},
                                  {"columns": {"cell": [1]}}, {"column": "a"}, {"columns": {"a": [1]}, "values": [1]}])  # fmt: skip
def test_balance_refuses_what_is_no_cell(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        mm.generate.Balance(to=2, **more)


# -- topics --------------------------------------------------------------------------------------------------------------
def test_topics_grow_breadth_first_and_a_barren_topic_is_left(tmp_path: Path) -> None:
    _, rows, books = clean_run(tmp_path, "topics")
    assert all(len(r["path"]) == r["depth"] and r["path"][-1] == r["topic"] for r in rows)
    names = [r["subtopic"].strip().lower() for r in rows]
    assert len(set(names)) == len(names), "a topic that is there already is merged"
    firsts = [min(r["round"] for r in rows if r["depth"] == d) for d in (1, 2, 3)]
    assert firsts == [1, 2, 3], "breadth first"
    ids = {r["id"]: r for r in rows}
    asked = {line["id"]: line for line in books if line["state"] == "split"}
    for r in rows:
        (parent,) = next(line["parents"] for line in books if line["id"] == r["id"])  # the planned row that was split
        for above in asked[parent]["parents"]:
            assert ids[above]["subtopic"].strip() == r["topic"] and r["path"][:-1] == ids[above]["path"]
        assert bool(asked[parent]["parents"]) == (r["depth"] > 1)
    assert not any(r["topic"] == "barren" for r in rows)
    fruitless = [i for i in asked if not any(i in line["parents"] for line in books if line["state"] == "kept")]
    assert [i in fruitless for i in (row_id("topics", "barren", n) for n in (0, 1))] == [True, True], "asked once more"
    assert row_id("topics", "barren", 2) not in asked, "then left"


def test_topics_tell_a_second_ask_what_is_there_already() -> None:
    seen: list[str] = []

    def answer(prompt: str) -> str:
        seen.append(prompt)
        return json.dumps({"rows": [{"subtopic": "C++" if "repeat" in prompt else "C"}, {"subtopic": "C#"}]})

    schema = {"type": "object", "properties": {"subtopic": {"type": "string"}}, "required": ["subtopic"]}
    ops = [
        mm.generate.Topics(["C", "C#", "tools"], branch=2, depth=1),
        mm.generate.Write(prompt=built_in("subtopics"), n=2, schema=schema),
        mm.curate.Dedup(column="subtopic"),
    ]
    run = mm.run(
        mm.Recipe("t", ops=[mm.Repeat(steps=label_steps(ops), at_most=4)], models={"writer": ScriptedModel(answer)}),
        store=MemoryStore(),
        report=False,
    )
    again = [p for p in seen if "do not repeat" in p]
    assert ["do not repeat: C, tools." in p for p in again] == [True, False] and "do not repeat: C, C#." in again[1]
    assert [r["subtopic"] for r in run.rows()] == ["C", "C#", "C++"], "C, C# and C++ are three topics"


# -- parents -------------------------------------------------------------------------------------------------------------
def test_parents_keep_lineage_and_give_a_line_up(tmp_path: Path) -> None:
    _, rows, books = clean_run(tmp_path, "parents")
    by_id = {line["id"]: line for line in books}
    kept = {r["id"]: r for r in rows}
    assert {r["round"] for r in rows} == set(range(1, 7))
    for r in rows:
        parents = list(by_id[r["id"]]["parents"])
        earlier = [x for x in rows if x["line"] == r["line"] and x["round"] < r["round"]]
        if not earlier:
            assert parents == [] and r["evolved_from"] == SEEDS[r["line"]]
        else:
            newest = max(earlier, key=lambda x: x["round"])
            assert parents == [newest["id"]] and r["evolved_from"] == kept[newest["id"]]["instruction"]
    dropped = [line for line in books if line["state"] == "dropped"]
    assert {line["reason"] for line in dropped} == {"unchanged"}
    stubborn = SEEDS.index("stubborn question nobody can rewrite")
    assert not any(r["line"] == stubborn for r in rows)
    planned = [n for n in range(1, 7) if row_id("parents", stubborn, n) in by_id]
    assert planned == [1, 2], "given up after `patience` rounds"
    always = [r["round"] for r in rows if r["line"] == 0]
    assert always == [1, 2, 3, 4, 5, 6] and rows[-1]["round"] == 6
    back = [line["id"] for line in dropped if line["parents"]]
    assert all(by_id[i]["parents"][0] in kept for i in back), "what a round dropped goes back as it was"


# -- cover ---------------------------------------------------------------------------------------------------------------
def test_cover_never_widens_a_gap_and_ends_by_radius(tmp_path: Path) -> None:
    _, rows, books = clean_run(tmp_path, "cover")
    embedder = TfidfEmbedder().fit(SEEDS)

    def unit(texts: list[str]) -> Any:
        x = np.asarray(asyncio.run(embedder.embed(texts)))
        return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)

    real = unit(SEEDS)
    stubborn = SEEDS.index("stubborn question nobody can rewrite")
    reachable = [i for i in range(len(SEEDS)) if i != stubborn]
    last, widest = max(r["round"] for r in rows), []
    for n in range(1, last + 1):
        gaps = 1 - (real @ unit([r["text"] for r in rows if r["round"] <= n]).T).max(axis=1)
        widest.append(float(gaps.max()))
        told = [r["gap"] for r in rows if r["round"] == n + 1]
        assert all(any(abs(t - g) < 1e-5 for g in gaps) for t in told), "gap is what it was before the round"
    assert widest == sorted(widest, reverse=True)
    assert float(gaps[reachable].max()) <= 0.25 + 1e-6 and last < 12, "it ends when every gap is covered or given up"
    assert all(SEEDS[r["anchor_number"]] == r["anchor"] and r["anchor_number"] != stubborn for r in rows)
    assert sum(line["reason"] == "too_short" for line in books) == 2, "the stubborn one is tried `patience` times"
    assert all(r["gap"] > 0.25 for r in rows)


# -- killed midway -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", list(BODIES))
def test_killed_midway_the_same_rows_and_rounds(tmp_path: Path, name: str) -> None:
    """kill -9 from within, at a third and at two thirds of the calls; the third session ends with the bytes of a run never killed."""
    run, rows, books = clean_run(tmp_path / "clean", name)
    path = folder_with(tmp_path / "killed", name)
    calls = run.manifest["calls"]
    for share in (3, 3):
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "KILL_AT": str(max(2, calls // share))}
        command = [sys.executable, "-m", "mintmark", "run", "recipe.yaml", "--out", "out", "--concurrency", "4"]
        done = subprocess.run(command, cwd=path.parent, env=environment, capture_output=True, timeout=60, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
    last = mm.run(path, out=path.parent / "out", report=False)
    assert last.status == "complete"
    assert (path.parent / "out/data.jsonl").read_bytes() == (tmp_path / "clean/out/data.jsonl").read_bytes()
    assert [r["round"] for r in lines(path.parent / "out/data.jsonl")] == [r["round"] for r in rows]
    assert ledger(path.parent / "out") == books


LOOP = """
name: loop
models: {{writer: "openai:m@{url}"}}
steps:
- repeat:
    at_most: 9
    steps:
    - balance: {{column: kind, values: [easy, hard], to: 6, with: {{k: [1, 2, 3, 4, 5]}}}}
    - write: {{column: text, prompt: "kind {{{{ kind }}}} {{{{ k }}}} {{{{ round }}}}"}}
    - length: {{column: text, words: [3, 9]}}
    - dedup: {{column: text}}
- {{name: after, pattern: {{column: text, drop: "{drop}"}}}}
"""


def loop_reply(prompt: str, body: dict[str, Any]) -> bytes:
    return completion("no" if "hard" in prompt and prompt[-3] in "12" else f"a text on {prompt}")


def test_a_row_asked_again_after_a_fault_changes_what_later_rounds_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed(endpoint) row of round 1 that succeeds later: rounds 2 and on are planned as if it had never failed."""
    monkeypatch.setattr("mintmark.models.retry.BASE_S", 0.005)
    with Server(reply=loop_reply) as server:
        write_recipe(tmp_path, LOOP.format(url=server.url, drop="x y"))
        clean = mm.run(tmp_path / "recipe.yaml", out=tmp_path / "clean", report=False)
        server.fault = lambda n, p: Fault(500) if p.startswith("kind easy") and p.endswith("1") and p[-3] in "45" else None
        hurt = mm.run(tmp_path / "recipe.yaml", out=tmp_path / "out", report=False)
        assert hurt.manifest["failed"] > 0 and hurt.status == "unfinished" and hurt.rows() != clean.rows()
        server.fault = lambda n, p: None
        again = mm.run(tmp_path / "recipe.yaml", out=tmp_path / "out", report=False)
    assert again.status == clean.status == "complete"
    check_books(tmp_path / "out")
    assert (tmp_path / "out/data.jsonl").read_bytes() == (tmp_path / "clean/data.jsonl").read_bytes()
    assert [x["id"] for x in ledger(tmp_path / "out")] == [x["id"] for x in ledger(tmp_path / "clean")]


def test_an_edited_later_step_changes_what_rounds_plan() -> None:
    """A step behind the loop counts for what is kept, so in a store that is used again an edit of it leaves no row of the old plan."""

    def run(drop: str, store: MemoryStore) -> Any:
        loop = [
            mm.generate.Balance(to=6, column="kind", values=["easy", "hard"], more={"k": [1, 2, 3, 4, 5]}),
            mm.generate.Write(prompt="a text on {{ kind }} {{ k }} {{ round }}", column="text"),
            mm.curate.Dedup(column="text"),
        ]
        ops = [mm.Repeat(steps=label_steps(loop), at_most=9), mm.curate.Pattern(column="text", drop=drop)]
        return mm.run(mm.Recipe("r", ops=ops, models={"writer": ScriptedModel(lambda prompt: prompt)}), store=store, report=False)

    used, fresh = MemoryStore(), MemoryStore()
    first = run("x y", used).rows()
    edited, clean = run("easy [123]", used), run("easy [123]", fresh)
    assert edited.rows() == clean.rows()
    assert clean.rows() != first and {r["kind"] for r in clean.rows()} == {"easy", "hard"}
    assert used.tables["ledger.parquet"] == fresh.tables["ledger.parquet"]


# -- without a loop ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "source",
    [
        mm.generate.Balance(to=2, column="kind", values=["easy", "hard"]),
        mm.generate.Topics(["a", "b"]),
        mm.generate.Parents("seeds"),
        mm.generate.Cover("seeds.instruction", "text", per_round=2),
    ],
    ids=lambda op: op.name,
)
@pytest.mark.parametrize("want", [3, 20])
def test_outside_a_loop_the_books_still_balance(source: Any, want: int) -> None:
    column = source.writes(_scene())[0]
    write = mm.generate.Write(prompt=f"{{{{ {column} }}}}", column="subtopic" if source.name == "topics" else "text")
    recipe = mm.Recipe("alone", ops=[source, write], want=want, models={"writer": ScriptedModel(lambda prompt: f"on {prompt}")},
                       tables={"seeds": [{"instruction": s} for s in SEEDS]})  # fmt: skip
    run = mm.run(recipe, store=MemoryStore(), report=False)
    m = run.manifest
    assert m["kept"] == 3 or want > 3
    assert m["planned"] == m["kept"] + m["dropped"] + m["failed"] + m["pending"] and m["kept"] == len({r["id"] for r in run.rows()})


def _scene() -> Any:
    from mintmark.core.op import Scene
    from mintmark.core.rows import Columns

    return Scene(("text",), {"seeds": Columns("seeds", {"instruction": SEEDS})})
