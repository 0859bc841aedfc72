"""The runner's promises: accepted rows, rounds, caps, order, edits, private rows, secrets; over HTTP and with scripted models."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import check_books, ledger, lines, mintmark, write_recipe
from mintmark.core.errors import PrivacyError, RecipeError, RunFolderError
from mintmark.models.scripted import ScriptedModel
from mintmark.progress import Progress
from mintmark.stores.memory import MemoryStore
from server import Fault, Server, completion

BASIC = """
name: basic
models: {{writer: "openai:m@{url}"}}
tables: {{rows: rows.jsonl}}
steps:
  - read: {{from: rows}}
  - write: {{column: text, prompt: "row {{{{ row }}}}"}}
  - dedup: {{column: text}}
"""


def words(prompt: str) -> str:
    import hashlib

    h = hashlib.sha256(prompt.encode()).hexdigest()
    return "ab" if h[0] in "01" else " ".join(h[i : i + 4] for i in range(0, 40, 4))


def grid_recipe(**more: Any) -> mm.Recipe:
    ops = [
        mm.generate.Grid({"a": list(range(10)), "b": list(range(10))}),
        mm.generate.Write(prompt="{{ a }} {{ b }}", column="text"),
        mm.curate.Length(column="text", words=(3, 60)),
    ]
    return mm.Recipe(**{"name": "grid", "ops": ops, "models": {"writer": ScriptedModel(words)}, **more})


def test_want_means_accepted_rows_and_surplus_is_told() -> None:
    run = mm.run(grid_recipe(want=50), store=MemoryStore(), report=False)
    m = run.manifest
    assert run.status == "complete" and m["kept"] == 50 == len(run.rows())
    assert m["planned"] == m["kept"] + m["dropped"] + m["failed"] + m["pending"] and m["dropped"] > 0
    assert all(len(r["text"].split()) >= 3 for r in run.rows())


def test_want_above_the_plan_cycles_cells_as_replicas() -> None:
    run = mm.run(grid_recipe(want=150), store=MemoryStore(), report=False)
    assert run.manifest["kept"] == 150 and len({r["id"] for r in run.rows()}) == 150


def test_candidate_budget_ends_the_run_and_says_so() -> None:
    run = mm.run(grid_recipe(want=99, max_candidates=100), store=MemoryStore(), report=False)
    assert run.status == "unfinished" and run.exit_code == 3 and "candidate budget of 100" in run.reason


@pytest.mark.parametrize("keeps", [1, 0])
def test_rounds_that_keep_nothing_end_the_run_in_words(keeps: int) -> None:
    """A model that always says the same: found out by 4,000 calls, not by the candidate budget of 400,000."""
    ops: list[Any] = [mm.generate.Grid({"a": list(range(10))}), mm.generate.Write(prompt="{{ a }}", column="text")]
    ops += [mm.curate.Dedup(column="text"), *([] if keeps else [mm.curate.Length(column="text", words=(9, 9))])]
    model, store = ScriptedModel(lambda prompt: "always the same"), MemoryStore()
    recipe = mm.Recipe("same", ops, models={"writer": model}, want=100_000)
    run = mm.run(recipe, store=store, report=False)
    assert run.status == "unfinished" and run.exit_code == 3 and run.manifest["kept"] == keeps
    assert model.calls == run.manifest["planned"] <= 4_100
    for said in ("the last 3 rounds (3,0", "dropped by dedup: duplicate", "--changed", "patience: 0"):
        assert said in run.reason
    again = mm.run(recipe, store=store, report=False)
    assert again.reason == run.reason and model.calls == run.manifest["planned"]  # counts alone decide, so it ends where it ended
    on = mm.run(dataclasses.replace(recipe, patience=0, max_candidates=6_000), store=store, report=False)
    assert model.calls == 6_000 and "candidate budget of 6,000 rows is used up (5,999 dropped by dedup: duplicate" in on.reason


def test_a_thin_yield_is_no_barren_one() -> None:
    """One row in 300 is kept: rounds stay small, and the run goes on to what is wanted."""
    numbers = iter(range(10**6))
    ops = [mm.generate.Grid({"a": list(range(10))}), mm.generate.Write(prompt="{{ a }}", column="text")]
    ops.append(mm.curate.Length(column="text", words=(2, 9)))
    recipe = mm.Recipe("thin", ops, models={"writer": ScriptedModel(lambda p: "x y" if next(numbers) % 300 == 7 else "x")}, want=20)
    run = mm.run(recipe, store=MemoryStore(), report=False)
    assert "candidate budget of 80" in run.reason
    run = mm.run(dataclasses.replace(recipe, max_candidates=50_000), store=MemoryStore(), report=False)
    assert run.status == "complete" and run.manifest["kept"] == 20


def test_a_source_that_is_too_small_is_told_before_and_after(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n2\n")
    write_recipe(tmp_path, "name: few\nwant: 500\ntables: {t: t.csv}\nsteps:\n  - read: {from: t}\n")
    assert "want is 500, but the source has only 2 rows" in mintmark("check", "recipe.yaml", cwd=tmp_path).stdout
    done = mintmark("run", "recipe.yaml", cwd=tmp_path)
    assert done.returncode == 3 and "2 of 500 wanted rows: the source has no more rows" in done.stderr
    assert "to go on" not in done.stderr  # the same command would find nothing to do


@pytest.mark.parametrize("cap", [{"want": 0}, {"want": -5}, {"max_tokens": -1}, {"max_cost": -1.0}, {"max_cost": float("nan")}])
def test_caps_out_of_range_are_refused_before_the_run(cap: dict[str, float]) -> None:
    with pytest.raises(RecipeError, match=f"{next(iter(cap))} is .*, expected"):
        mm.run(grid_recipe(), store=MemoryStore(), report=False, **cap)


@pytest.mark.parametrize("prompt", ["", " \n\t"])
def test_an_empty_prompt_is_refused(tmp_path: Path, prompt: str) -> None:
    (tmp_path / "p.txt").write_text(prompt)
    head = "name: e\nmodels: {writer: 'openai:m@http://localhost:1/v1'}\nsteps:\n  - grid: {a: [1]}\n"
    for step in ("write: {column: t, prompt: {file: p.txt}}", "chain: [{ask: t, prompt: {file: p.txt}}]"):
        write_recipe(tmp_path, f"{head}  - {step}\n")
        done = mintmark("check", "recipe.yaml", cwd=tmp_path)
        assert done.returncode == 2 and "is empty" in done.stderr


def test_sampling_out_of_range_is_refused_by_check_with_the_step(tmp_path: Path) -> None:
    head = "name: e\nmodels: {writer: 'openai:m@http://localhost:1/v1'}\nsteps:\n  - grid: {a: [1]}\n"
    write_recipe(tmp_path, f"{head}  - write: {{column: t, prompt: x, temperature: -3}}\n")
    done = mintmark("check", "recipe.yaml", cwd=tmp_path)
    assert done.returncode == 2 and "write (step 2 of 2): temperature is -3, expected 0 to 5" in done.stderr
    assert "mintmark 0." in mintmark("--version", cwd=tmp_path).stdout


def test_check_notes_a_column_that_is_written_over_unread() -> None:
    def notes(prompt: str) -> list[str]:
        ops = [mm.generate.Grid({"text": ["a"], "b": ["c"]}), mm.curate.Length(column="b", words=(1, 3))]
        ops.append(mm.generate.Write(prompt=prompt, column="text"))
        return mm.check(mm.Recipe("over", ops, models={"writer": ScriptedModel(words)}, licence="CC0-1.0"))["notes"]

    assert notes("about {{ b }}") == ["write (step 3) replaces the column text of step 1"]
    assert notes("better: {{ text }}") == []  # a column that is worked on is meant


@pytest.mark.parametrize("ceiling", [1, 4])
def test_concurrency_bounds_a_model_in_this_process(ceiling: int) -> None:
    now, most = 0, 0

    async def slow(prompt: str) -> str:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.002)
        now -= 1
        return prompt

    ops = [mm.generate.Grid({"a": list(range(30))}), mm.generate.Write(prompt="{{ a }}", column="t")]
    recipe = mm.Recipe("slots", ops, models={"writer": ScriptedModel(slow)})
    assert mm.run(recipe, store=MemoryStore(), report=False, concurrency=ceiling).manifest["kept"] == 30 and most == ceiling


def test_the_live_numbers_count_each_row_once() -> None:
    async def slow(prompt: str) -> str:
        await asyncio.sleep(0.4)
        return words(prompt)

    seen: list[dict[str, Any]] = []
    streamed = [mm.generate.Grid({"a": list(range(10))}), mm.generate.Write(prompt="{{ a }}", column="t"), mm.curate.Dedup(column="t")]
    again = [mm.generate.Write(prompt="again {{ a }}", column="u"), mm.curate.Dedup(column="u")]
    recipe = mm.Recipe("live", [*streamed, *again], models={"writer": ScriptedModel(slow)})
    made = mm.run(recipe, store=MemoryStore(), report=False, watch=seen.append)
    assert seen and made.manifest["kept"] == 10
    for told in seen:
        assert told["kept"] + told["dropped"] + told["failed"] + told["pending"] == told["planned"] <= 10


def test_the_progress_line_stays_within_its_goal() -> None:
    progress = Progress(sys.stderr, quiet=True)
    told = {"name": "x", "want": 200, "planned": 270, "dropped": 45, "failed": 0, "tokens_in": 0, "tokens_out": 0, "cost_usd": 0.0}
    progress.line({**told, "kept": 100}, 1.0)
    line = progress.line({**told, "kept": 225}, 2.0)
    assert "200/200" in line and "-" not in line.split("ETA")[-1].split("·")[0] and "kept 225" in line
    for width in (20, 45, 80, 120):
        narrow = progress.line({**told, "name": "a-rather-long-name-of-a-recipe", "kept": 150}, 3.0, width)
        assert len(narrow) <= width and "150/200" in narrow
        assert ("…" in narrow, "ETA" in narrow, "━" in narrow, "tokens" in narrow) == (width == 20, width > 45, width > 45, width > 120)
    assert "150/200 · ETA 0:" in progress.line({**told, "name": "bank-messages", "kept": 150}, 3.5, 45)


def test_run_and_show_tell_what_the_first_failure_was(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def f(prompt):\n    return {'text': 'cut', 'finish_reason': 'length' if '1' in prompt else 'stop'}\n")
    head = "name: e\nmodels: {writer: 'scripted:m:f'}\nsteps:\n  - grid: {a: [1, 2, 3]}\n"
    write_recipe(tmp_path, f"{head}  - write: {{column: t, prompt: 'p {{{{ a }}}}'}}\n  - dedup: {{column: t}}\n")
    ran = mintmark("run", "recipe.yaml", "--out", "o", cwd=tmp_path)
    assert "write: 1 failed (length)" in ran.stdout and ": the answer was cut after" in ran.stdout
    told = mintmark("show", "o", cwd=tmp_path).stdout
    assert ": the answer was cut after" in told and "dropped: duplicate" in told and "mintmark show o ROW_ID" in told
    row = told.split("such as ")[1].split(":")[0]
    assert "the answer was cut" in mintmark("show", "o", row, cwd=tmp_path).stdout


def test_a_larger_want_extends_and_buys_nothing_again() -> None:
    store, model = MemoryStore(), ScriptedModel(words)
    recipe = grid_recipe(want=30, models={"writer": model})
    first = mm.run(recipe, store=store, report=False)
    bought = model.calls
    second = mm.run(recipe, want=40, store=store, report=False)
    assert second.manifest["kept"] == 40 and model.calls == second.manifest["calls"] and model.calls > bought
    assert {r["id"] for r in first.rows()} <= {r["id"] for r in second.rows()}
    fresh = mm.run(recipe, want=40, store=MemoryStore(), report=False)
    assert fresh.rows() == second.rows()


@pytest.mark.parametrize("seed", [0, 5])
def test_same_bytes_at_concurrency_1_8_64(tmp_path: Path, seed: int) -> None:
    """R20: same recipe and seed, deterministic endpoint with jittered answers: byte-equal data.jsonl."""
    found = set()
    with Server(
        fault=lambda n, p: Fault(500) if n % 17 == 0 else Fault(429, headers={"Retry-After": "0"}) if n % 11 == 0 else None
    ) as server:
        for concurrency in (1, 8, 64):
            folder = tmp_path / str(concurrency)
            folder.mkdir()
            write_recipe(folder, BASIC.format(url=server.url), 120)
            run = mm.run(folder / "recipe.yaml", out=folder / "out", concurrency=concurrency, seed=seed, report=False)
            assert run.status == "complete"
            assert server.peak <= concurrency
            found.add((folder / "out/data.jsonl").read_bytes())
    assert len(found) == 1


def test_transient_and_permanent_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a permanent 500 are failed(endpoint), rows whose answer never parses failed(json); every other row is right; exit 3."""

    monkeypatch.setattr("mintmark.models.retry.BASE_S", 0.005)

    def fault(n: int, prompt: str) -> Fault | None:
        row = int(prompt.split()[-1])
        if row % 50 == 7:
            return Fault(500)
        return Fault(429, headers={"Retry-After": "0"}) if n % 20 == 0 else Fault(reset=True) if n % 33 == 0 else None

    def reply(prompt: str, body: dict) -> bytes:
        text = completion(json.dumps({"text": prompt}))
        return completion('{"text": "cut') if int(prompt.split()[-1]) % 50 == 9 else text

    recipe = BASIC.replace(
        "column: text, prompt", "schema: {{type: object, properties: {{text: {{type: string}}}}, required: [text]}}, prompt", 1
    )
    with Server(fault, reply) as server:
        server.keep_bodies = False
        write_recipe(tmp_path, recipe.format(url=server.url), 200)
        run = mm.run(tmp_path / "recipe.yaml", out=tmp_path / "out", concurrency=32, report=False)
        assert (run.status, run.exit_code) == ("unfinished", 3)
        assert check_books(tmp_path / "out")["kept"] == 192
        assert all(r["text"] == f"row {r['row']}" for r in run.rows())
        reasons = {line["reason"] for line in ledger(tmp_path / "out") if line["state"] == "failed"}
        assert reasons == {"endpoint", "json"}
        server.fault = lambda n, p: None  # the endpoint is mended: the same command asks only the four rows again
        before = server.requests
        again = mm.run(tmp_path / "recipe.yaml", out=tmp_path / "out", report=False)
        assert again.status == "complete" and again.manifest["kept"] == 196 and server.requests - before == 4
        check_books(tmp_path / "out")


def test_endpoint_down_leaves_rows_pending_and_goes_on(tmp_path: Path) -> None:
    recipe = BASIC.replace('"openai:m@{url}"', '{{spec: "openai:m@{url}", patience_s: 1}}')
    with Server(lambda n, p: Fault(503) if n > 20 else None) as server:
        write_recipe(tmp_path, recipe.format(url=server.url), 60)
        run = mm.run(tmp_path / "recipe.yaml", out=tmp_path / "out", concurrency=8, report=False)
        assert run.exit_code == 3 and "nothing has succeeded" in run.reason
        m = check_books(tmp_path / "out")
        assert m["pending"] >= 30 and m["failed"] == 0
        server.fault = lambda n, p: None
        run = mm.run(tmp_path / "recipe.yaml", out=tmp_path / "out", concurrency=8, report=False)
        assert run.status == "complete" and check_books(tmp_path / "out")["kept"] == 60
        assert sum(c - 1 for c in server.keys.values()) <= server.requests - 60


def test_401_stops_at_once(tmp_path: Path) -> None:
    """R15: no retry storm; rows pending; resumable."""
    with Server(lambda n, p: Fault(401) if n > 5 else None) as server:
        write_recipe(tmp_path, BASIC.format(url=server.url), 60)
        run = mm.run(tmp_path / "recipe.yaml", out=tmp_path / "out", concurrency=4, report=False)
        assert run.exit_code == 3 and "refuses this key" in run.reason and server.requests <= 5 + 2 * 4
        assert check_books(tmp_path / "out")["pending"] > 40


def test_money_cap_stops_cleanly_with_bounded_overshoot(tmp_path: Path) -> None:
    """R21: overshoot is at most what was in flight."""
    recipe = BASIC.replace('"openai:m@{url}"', '{{spec: "openai:m@{url}", price: {{input: 100000, output: 0}}}}')  # $1 a call
    with Server() as server:
        write_recipe(tmp_path, recipe.format(url=server.url), 60)
        run = mm.run(tmp_path / "recipe.yaml", out=tmp_path / "out", concurrency=4, max_cost=10.0, report=False)
        assert run.exit_code == 3 and "money cap" in run.reason
        m = check_books(tmp_path / "out")
        assert 10 <= m["cost_usd"] <= 14 and m["kept"] == m["calls"] == server.requests and m["planned"] == 60
        assert mm.run(tmp_path / "recipe.yaml", out=tmp_path / "out", max_cost=100.0, report=False).status == "complete"
        assert server.requests == 60


def test_split_rows_leave_the_count_and_children_enter() -> None:
    model = ScriptedModel(lambda request: json.dumps({"rows": [{"q": f"{request.messages[-1]['content']} {i} x"} for i in range(3)]}))
    ops = [
        mm.generate.Grid({"a": [1, 2, 3, 4]}),
        mm.generate.Write(prompt="{{ a }}", schema={"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}, n=3),
        mm.curate.Dedup(column="q"),
    ]
    run = mm.run(mm.Recipe("split", ops=ops, models={"writer": model}), store=MemoryStore(), report=False)
    assert run.manifest["planned"] == 12 == run.manifest["kept"] and run.manifest["calls"] == 4
    assert [r["q"] for r in run.rows()][:3] == sorted(r["q"] for r in run.rows())[:3] or len({r["id"] for r in run.rows()}) == 12
    store = run.store
    assert sum(line["state"] == "split" for line in store.tables["ledger.parquet"]) == 4


def test_repeat_with_balance_fills_the_thin_cells() -> None:
    """Values that often fail get more tries; the round column tells when; the loop ends though one value always fails."""

    def fussy(prompt: str) -> str:
        value = prompt.split()[0]
        if value == "never" or (value == "hard" and hash_of(prompt) % 3):
            return "no"
        return f"{value} text number {hash_of(prompt)} fine"

    body = [
        mm.generate.Balance(column="kind", values=["easy", "hard", "never"], to=10, more={"k": list(range(1000))}),
        mm.generate.Write(prompt="{{ kind }} {{ k }}", column="text"),
        mm.curate.Length(column="text", words=(3, 9)),
    ]
    loop = mm.Repeat(steps=tuple(_steps(body)), until="kept >= 30", at_most=8)
    run = mm.run(mm.Recipe("loop", ops=[loop], models={"writer": ScriptedModel(fussy)}), store=MemoryStore(), report=False)
    kinds = [r["kind"] for r in run.rows()]
    assert kinds.count("easy") >= 10 and kinds.count("hard") >= 10 and "never" not in kinds
    assert {r["round"] for r in run.rows()} >= {1, 2} and run.status == "complete"
    again = mm.run(mm.Recipe("loop", ops=[loop], models={"writer": ScriptedModel(fussy)}), store=MemoryStore(), report=False)
    assert again.rows() == run.rows()


def hash_of(text: str) -> int:
    import zlib

    return zlib.crc32(text.encode())


def _steps(ops: list[Any]) -> Any:
    from mintmark.core.recipe import label_steps

    return label_steps(ops)


def test_failed_step_of_a_user_does_not_stop_the_run() -> None:
    @dataclasses.dataclass(frozen=True)
    class Broken(mm.Op):
        name = "broken"
        scope = mm.Scope.EACH

        def each(self, row: Any, ctx: Any) -> Any:
            if row.values["a"] == 3:
                raise ZeroDivisionError("oops")
            return row

    ops = [mm.generate.Grid({"a": [1, 2, 3, 4]}), Broken()]
    run = mm.run(mm.Recipe("b", ops=ops), store=MemoryStore(), report=False)
    assert (run.manifest["kept"], run.manifest["failed"]) == (3, 1)


def test_works_inside_a_running_loop() -> None:
    async def notebook() -> int:
        return mm.run(grid_recipe(want=5), store=MemoryStore(), report=False).manifest["kept"]

    assert asyncio.run(notebook()) == 5


def test_edited_recipe_needs_changed_and_keeps_the_answers(tmp_path: Path) -> None:
    """R18. A changed parser or filter re-asks nothing; a changed prompt only what depends on it; another name or seed is refused."""
    with Server() as server:
        path = write_recipe(tmp_path, BASIC.format(url=server.url), 20)
        assert mm.run(path, out=tmp_path / "out", report=False).status == "complete"
        with pytest.raises(RunFolderError, match="seed"):
            mm.run(path, out=tmp_path / "out", seed=9, report=False)
        path.write_text(BASIC.format(url=server.url).replace("name: basic", "name: other"))
        with pytest.raises(RunFolderError, match="belongs to a run with name 'basic'"):
            mm.run(path, out=tmp_path / "out", report=False)
        edited = BASIC.format(url=server.url).replace("  - dedup", "  - length: {column: text, words: [1, 99]}\n  - dedup")
        path.write_text(edited)
        with pytest.raises(RunFolderError, match="--changed"):
            mm.run(path, out=tmp_path / "out", report=False)
        run = mm.run(path, out=tmp_path / "out", changed=True, report=False)
        assert run.manifest["kept"] == 20 and server.requests == 20
        assert (tmp_path / "out/versions/1/ledger.parquet").exists() and (tmp_path / "out/versions/1/data.jsonl").exists()
        path.write_text(edited.replace("row {{", "line {{"))
        run = mm.run(path, out=tmp_path / "out", changed=True, report=False)
        assert server.requests == 40 and run.status == "complete"


def test_a_preview_never_replaces_a_run(tmp_path: Path) -> None:
    write_recipe(tmp_path, "name: p\nsteps:\n  - grid: {a: [1, 2, 3]}\n  - select: {n: 1, by: a}\n")
    for _ in range(2):  # a preview after a preview is fine
        assert mintmark("preview", "recipe.yaml", "--out", "out", cwd=tmp_path).returncode == 0
    assert mintmark("run", "recipe.yaml", "--out", "out", cwd=tmp_path).returncode == 0
    before = (tmp_path / "out" / "data.jsonl").read_bytes(), (tmp_path / "out" / "manifest.json").read_bytes()
    done = mintmark("preview", "recipe.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2 and "holds a run already" in done.stderr
    assert before == ((tmp_path / "out" / "data.jsonl").read_bytes(), (tmp_path / "out" / "manifest.json").read_bytes())
    assert len(lines(tmp_path / "out" / "data.jsonl")) == 1


def test_preview_is_not_bought_again(tmp_path: Path) -> None:
    with Server() as server:
        path = write_recipe(tmp_path, BASIC.format(url=server.url), 30)
        seen = mm.preview(path, 10, out=tmp_path / "out")
        assert len(seen.rows()) == 10 and server.requests == 10
        assert mm.run(path, out=tmp_path / "out", report=False).manifest["kept"] == 30 and server.requests == 30


def test_record_then_replay_gives_the_same_rows(tmp_path: Path) -> None:
    def reply(prompt: str, body: dict) -> bytes:
        return completion("" if server.keys[prompt] == 1 and prompt.endswith("3") else f"text of {prompt}")

    with Server(reply=reply) as server:
        path = write_recipe(tmp_path, BASIC.format(url=server.url), 20)
        first = mm.run(path, out=tmp_path / "out", report=False)
    from mintmark import api

    n = api.record(tmp_path / "out", tmp_path / "replies.jsonl")
    assert n == first.manifest["calls"] == 22
    again = mm.run(path, out=tmp_path / "again", models={"writer": "replay:replies.jsonl"}, report=False)
    assert (tmp_path / "again/data.jsonl").read_bytes() == (tmp_path / "out/data.jsonl").read_bytes() and again.manifest["calls"] == 22


def test_private_rows_stay_unless_allowed(tmp_path: Path) -> None:
    """Law 7, by static check: the error names step, table and role; loopback is this machine."""
    text = BASIC.replace("rows: rows.jsonl", "rows: {{path: rows.jsonl, private: true}}")
    path = write_recipe(tmp_path, text.format(url="http://example.org/v1"), 3)
    with pytest.raises(PrivacyError, match=r"write \(step 2 of 3\).*rows.*writer.*allow_private"):
        mm.run(path, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with Server() as server:
        path.write_text(text.format(url=server.url))
        assert mm.run(path, out=tmp_path / "out", report=False).status == "complete"
    assert mm.check(mm.load({**json.loads(json.dumps({"name": "x", "steps": [{"grid": {"a": [1]}}]}))}))["rows"] == 1


def test_secrets_reach_no_file(tmp_path: Path) -> None:
    """R22: the key is in no journal, log, error or report, even when the server echoes it."""
    key = "sk-canary-7Q2m9X4z"

    def echo(n: int, prompt: str) -> Fault | None:
        return Fault(400, json.dumps({"error": {"message": f"bad key {key} Authorization: Bearer {key}"}}).encode()) if n == 2 else None

    with Server(echo) as server:
        write_recipe(tmp_path, BASIC.format(url=server.url), 5)
        done = mintmark("run", "recipe.yaml", cwd=tmp_path, env={"OPENAI_API_KEY": key})
        assert server.headers[0]["authorization"] == f"Bearer {key}"
    assert done.returncode == 0
    assert key not in done.stdout + done.stderr
    for file in (tmp_path / "runs").rglob("*"):
        if file.is_file():
            assert key.encode() not in file.read_bytes(), file


def test_show_while_running_and_one_rows_life(tmp_path: Path) -> None:
    with Server(latency=0.02) as server:
        path = write_recipe(tmp_path, BASIC.format(url=server.url), 20)
        mm.run(path, out=tmp_path / "out", report=False)
    told = mm.show(tmp_path / "out")
    assert told["status"] == "complete" and told["kept"] == 20
    row = lines(tmp_path / "out/data.jsonl")[3]
    life = mm.show(tmp_path / "out", row["id"][:9])
    assert life["answers"][0]["messages"][0]["content"] == f"row {row['row']}"
    assert [line["step"] for line in life["life"]] == ["write", "dedup"]


def test_curate_data_from_elsewhere(tmp_path: Path) -> None:
    table = [{"id": 1, "text": "one two three"}, {"id": 2, "text": "One  two THREE"}, {"id": 3, "text": "x"}]
    recipe = {"name": "clean", "steps": [{"length": {"column": "text", "words": [2, 9]}}, {"dedup": {"column": "text"}}]}
    run = mm.curate(table, mm.load(recipe), store=MemoryStore(), report=False)
    assert [r["source_id"] for r in run.rows()] == [1] and run.manifest["dropped"] == 2
    with pytest.raises(RecipeError, match="makes rows"):
        mm.curate(table, mm.load({"name": "x", "steps": [{"grid": {"a": [1]}}]}))


def test_a_recipe_without_a_source_is_checked_over_a_table(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\nhello there,1\nhi,2\n")
    (tmp_path / "head.csv").write_text("a,b\n")
    write_recipe(tmp_path, "name: c\nsteps:\n  - length: {column: a, words: [2, 9]}\n")
    alone = mintmark("check", "recipe.yaml", cwd=tmp_path)
    assert alone.returncode == 2 and "check RECIPE --table TABLE" in alone.stderr
    told = mintmark("check", "recipe.yaml", "--table", "d.csv", cwd=tmp_path)
    assert told.returncode == 0 and "2 rows planned; columns a, b" in told.stdout
    wrong = mintmark("check", "recipe.yaml", "--table", "d.csv", "--set", "steps.0.length.column=z", cwd=tmp_path)
    assert wrong.returncode == 2 and "reads 'z'" in wrong.stderr
    assert "is empty" in mintmark("check", "recipe.yaml", "--table", "head.csv", cwd=tmp_path).stderr
    write_recipe(tmp_path, "name: c\nsteps:\n  - grid: {a: [1]}\n")
    assert "makes rows" in mintmark("check", "recipe.yaml", "--table", "d.csv", cwd=tmp_path).stderr
    assert "-n is 0, expected at least 1" in mintmark("preview", "recipe.yaml", "-n", "0", cwd=tmp_path).stderr


def test_final_steps_run_once_and_want_holds() -> None:
    ops = [
        mm.generate.Grid({"a": list(range(40))}),
        mm.curate.Select(share=0.5, by="a"),
        mm.curate.Split({"train": 0.75, "test": 0.25}),
        mm.curate.Shuffle(),
    ]
    run = mm.run(mm.Recipe("tail", ops=ops, want=12), store=MemoryStore(), report=False)
    rows = run.rows()
    assert len(rows) == 12 and sum(r["split"] == "train" for r in rows) == 9
    assert [r["a"] for r in rows] != sorted(r["a"] for r in rows)


def test_a_price_given_for_a_server_here_is_estimated_as_it_is_charged(tmp_path: Path) -> None:
    """check said $0.0000 of a server on this machine, and the run counted the price that the recipe gave it."""
    with Server() as server:
        spec = f'{{spec: "openai:m@{server.url}", price: {{input: 1000000, output: 1000000}}}}'
        steps = "steps:\n  - grid: {a: [1, 2]}\n  - write: {column: t, prompt: 'p {{ a }}'}\n"
        write_recipe(tmp_path, f"name: e\nmax_cost: 0.01\nmodels: {{writer: {spec}}}\n{steps}")
        assert mm.check(tmp_path / "recipe.yaml")["cost_usd"] > 1
        stopped = mintmark("run", "recipe.yaml", "--concurrency", "1", cwd=tmp_path)
    assert stopped.returncode == 3 and "raise --max-cost to go on" in stopped.stderr and "to go on: mintmark" not in stopped.stderr
