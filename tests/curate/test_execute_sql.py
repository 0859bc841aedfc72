"""execute_sql, in boxes: results by value on SQLite and DuckDB, test suites, every reason; hostile SQL passes nowhere and reaches nothing."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import NoSandbox, RecipeError
from mintmark.core.ports import Call, Outcome, Trial
from mintmark.core.rows import Row, Tally
from mintmark.curate.execute_sql import ExecuteSql
from mintmark.sandboxes import local, tiers
from mintmark.sandboxes.local import LocalSandbox
from mintmark.sandboxes.scripted import ScriptedSandbox

SETUP = """CREATE TABLE people (id INTEGER, name VARCHAR, age INTEGER, height DOUBLE);
INSERT INTO people VALUES (1, 'Ada', 36, 1.6), (2, 'Bo', NULL, 1.7), (3, 'Cy', 36, 0.1), (4, 'Cy', 20, 0.2);"""
ENGINES = ["sqlite", pytest.param("duckdb", marks=pytest.mark.skipif(find_spec("_duckdb") is None, reason="DuckDB is not installed"))]


@pytest.fixture(scope="module", params=["bwrap", "landlock"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[LocalSandbox]:
    try:
        made = LocalSandbox(request.param)
    except NoSandbox as error:
        pytest.skip(str(error))
    yield made
    asyncio.run(made.aclose())


def fits(sandbox: Any, engine: str) -> None:
    if engine == "duckdb" and sandbox.tier != "bwrap":
        pytest.skip("DuckDB runs in the bwrap tier alone")
    if engine == "duckdb" and not tiers.modules():
        pytest.skip("DuckDB is installed in a folder that the user of the box may not read")


def one(op: ExecuteSql, sandbox: Any, **values: Any) -> Any:
    async def go() -> Any:
        return await op.each(Row("r", values), Context(sandbox=sandbox).at("execute_sql", "r", Tally()))

    return asyncio.run(go())


def verdict(sandbox: Any, query: str, reference: str, engine: str = "sqlite", setup: Any = SETUP, **more: Any) -> dict[str, Any]:
    fits(sandbox, engine)
    result = one(ExecuteSql("q", setup="s", reference="r", engine=engine, **more), sandbox, q=query, s=setup, r=reference)
    return dict(result.values) if isinstance(result, Row) else {"verdict": result.reason, "failure": result.detail}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "query, reference, wanted",
    [
        ("SELECT name FROM people WHERE age = 36", "SELECT name FROM people WHERE age > 30", "passed"),
        ("SELECT name FROM people ORDER BY id DESC", "SELECT name FROM people", "passed"),
        ("SELECT name FROM people", "SELECT name FROM people ORDER BY id DESC", "failed"),
        ("SELECT DISTINCT name FROM people", "SELECT name FROM people", "failed"),
        ("SELECT age FROM people WHERE age IS NOT NULL", "SELECT age FROM people", "failed"),
        ("SELECT sum(height) AS total FROM (SELECT height FROM people ORDER BY id DESC) t", "SELECT sum(height) FROM people", "passed"),
        ("SELECT count(*) * 1.5e0 FROM people", "SELECT count(*) FROM people", "failed"),
        ("SELECT cast(count(*) AS DOUBLE) FROM people", "SELECT count(*) FROM people", "failed"),
        ("SELECT cast(age AS VARCHAR) FROM people", "SELECT age FROM people", "failed"),
        ("SELECT nome FROM people", "SELECT name FROM people", "error"),
        ("SELEC name", "SELECT name FROM people", "error"),
        ("SELECT 1; SELECT 1", "SELECT 1", "error"),
        ("DELETE FROM people", "SELECT name FROM people WHERE id > 9", "error"),
        ("DELETE FROM people RETURNING name", "SELECT name FROM people", "error"),
        ("-- nothing", "SELECT name FROM people WHERE id > 9", "error"),
        ("WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r", "SELECT 1", "timeout"),
    ],
)
def test_results_are_compared_by_value(sandbox: LocalSandbox, engine: str, query: str, reference: str, wanted: str) -> None:
    cpu_s = 0.4 if wanted == "timeout" else 4.0
    found = verdict(sandbox, query, reference, engine, cpu_s=cpu_s, repeats=1)
    assert found["verdict"] == wanted, found
    assert found["tier"] == sandbox.tier and found["passed"] == (wanted == "passed")


def test_failures_can_be_fed_back_and_tell_no_answer(sandbox: LocalSandbox) -> None:
    failed = verdict(sandbox, "SELECT id, name FROM people LIMIT 1", "SELECT id, name FROM people WHERE name = 'Bo'")
    assert failed["failure"] == "gave [[1, 'Ada']], expected 1 rows" and "Bo" not in repr(
        [failed[k] for k in ("failure", "stderr", "stdout")]
    )
    error = verdict(sandbox, "SELECT nome FROM people", "SELECT name FROM people")
    assert "no such column: nome" in error["failure"] and "OperationalError" in error["stderr"]


def test_a_query_in_a_models_answer(sandbox: LocalSandbox) -> None:
    answer = "It is:\n```sql\nSELECT a FROM t ORDER BY a;\n```\nwhich gives\n```\n| 1 |\n```"
    for query, reference in ((answer, "SELECT a FROM t"), ("SELECT a FROM t ORDER BY a DESC", answer)):
        op = ExecuteSql("q", setup="s", reference="r", repeats=1)
        row = one(op, sandbox, q=query, r=reference, s="CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)")
        assert row.values["verdict"] == ("passed" if query == answer else "failed"), "the order of the reference counts, in fences too"


def test_a_suite_of_databases_sees_what_one_does_not(sandbox: LocalSandbox) -> None:
    query, reference = "SELECT max(id) FROM people", "SELECT count(*) FROM people"
    assert verdict(sandbox, query, reference)["verdict"] == "passed", "right by luck"
    more = [SETUP, SETUP + "INSERT INTO people VALUES (9, 'Di', 1, 1)"]
    suite = verdict(sandbox, query, reference, setup=more)
    assert (suite["verdict"], suite["cases"], suite["passed"]) == ("failed", ["passed", "failed"], 0.5)


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_instead_of_sql_and_of_a_reference(sandbox: LocalSandbox, engine: str) -> None:
    fits(sandbox, engine)
    op = ExecuteSql("q", tables="t", expected="e", engine=engine)
    tables = {'odd "name"': [{"a b": 1, "c": "x"}, {"a b": None, "c": "y"}], "n": [{"f": 0.5, "b": b"\x00"}]}
    query = 'SELECT "a b", c, f, b FROM "odd ""name""", n'
    rows = [[None, "y", 0.5, b"\x00"], {"a b": 1, "c": "x", "f": 0.5, "b": b"\x00"}]
    found = one(op, sandbox, q=query, t=tables, e=rows).values
    assert found["verdict"] == "passed", found
    assert one(op, sandbox, q=query, t=tables, e=rows[:1]).values["verdict"] == "failed"
    as_text = one(op, sandbox, q="SELECT 1, 'a'", t="", e='[[1, "a"]]').values
    assert (as_text["verdict"], as_text["strength"]) == ("passed", "exact")
    ordered = ExecuteSql("q", expected="e", ordered=True, engine=engine)
    assert one(ordered, sandbox, q="SELECT 2 UNION ALL SELECT 1", e=[[1], [2]]).values["verdict"] == "failed"
    assert one(op, sandbox, q="SELECT 1 WHERE 1 = 2", t={}, e=[]).values["strength"] == "empty"


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_values_that_are_not_plain_leave_as_text(sandbox: LocalSandbox, engine: str) -> None:
    fits(sandbox, engine)
    query = """SELECT 2.50::DECIMAL(9, 2), DATE '2020-02-29', [1, NULL], {'k': 1.5}, 'NaN'::DOUBLE, 170141183460469231731687303715884105727::HUGEINT,
        true, TIMESTAMP '2020-01-01 01:02:03', INTERVAL 1 DAY, 'a'::BLOB"""
    huge = 2**127 - 1
    rows = [[2.5, "2020-02-29", [1, None], {"k": 1.5}, "nan", huge, True, "2020-01-01 01:02:03", "1 day, 0:00:00", b"a"]]
    found = one(ExecuteSql("q", expected="e", engine=engine), sandbox, q=query, e=rows).values
    assert found["verdict"] == "passed", found


def test_a_result_for_each_database(sandbox: LocalSandbox) -> None:
    op = ExecuteSql("q", setup="s", expected="e")
    setups = ["CREATE TABLE t (a); INSERT INTO t VALUES (1)", "CREATE TABLE t (a)"]
    assert one(op, sandbox, q="SELECT a FROM t", s=setups, e=[[[1]], []]).values["cases"] == ["passed", "passed"]
    assert one(op, sandbox, q="SELECT a FROM t", s=setups, e=[[[1]]]).reason == "bad_reference"


@pytest.mark.parametrize(
    "values, reason",
    [
        ({"q": " "}, "no_query"),
        ({"q": None}, "no_query"),
        ({"s": "CREATE TABLE"}, "bad_setup"),
        ({"s": ["CREATE TABLE people (name)", "no SQL"]}, "bad_setup"),
        ({"s": "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x FROM r) SELECT * FROM r;"}, "bad_setup"),
        ({"r": "SELECT nome FROM people"}, "bad_reference"),
        ({"r": ""}, "bad_reference"),
        ({"r": "SELECT random()"}, "bad_reference"),
    ],
)
def test_what_is_no_fault_of_the_query(sandbox: LocalSandbox, values: dict[str, Any], reason: str) -> None:
    op = ExecuteSql("q", setup="s", reference="r", cpu_s=0.4)
    assert one(op, sandbox, **{"q": "SELECT name FROM people", "s": SETUP, "r": "SELECT name FROM people", **values}).reason == reason


@pytest.mark.parametrize("given", [3, "no JSON", ["ab"], [1], {"a": 1}, [[object()]]])
def test_expected_rows_that_are_none(given: Any) -> None:
    assert one(ExecuteSql("q", expected="e"), ScriptedSandbox(), q="SELECT 1", e=given).reason == "bad_reference"
    assert one(ExecuteSql("q", tables="e", expected="x"), ScriptedSandbox(), q="SELECT 1", e=given, x=[]).reason == "bad_setup"


def test_keep_and_flaky(sandbox: LocalSandbox) -> None:
    kept = ExecuteSql("q", setup="s", expected="e", keep=("passed",))
    assert one(kept, sandbox, q="SELECT name FROM people WHERE id = 1", s=SETUP, e=[["Ada"]]).values["verdict"] == "passed"
    dropped = one(kept, sandbox, q="SELECT name FROM people", s=SETUP, e=[["Ada"]])
    assert dropped.reason == "failed" and dropped.detail.startswith("gave [['Ada'], ['Bo']")
    once = iter([1, 2, 1])

    def outcome(trial: Trial) -> Outcome:
        return Outcome("ran", "scripted", answers=(["value", None], ["value", None], ["value", ["l", ["l", next(once)]]]))

    assert one(ExecuteSql("q", expected="e", repeats=3), ScriptedSandbox(outcome), q="SELECT 1", e=[[1]]).values["verdict"] == "flaky"


def test_what_is_right_never_enters_the_box() -> None:
    def outcome(trial: Trial) -> Outcome:
        return Outcome("ran", "scripted", answers=(["value", None], ["value", None], ["value", ["l", ["l", 4711]]]))

    fake = ScriptedSandbox(outcome)
    assert one(ExecuteSql("q", expected="e"), fake, q="SELECT 1", e=[[4711]]).values["verdict"] == "passed"
    assert one(ExecuteSql("q", reference="r"), fake, q="SELECT 1", r="SELECT 4000 + 711").values["verdict"] == "passed"
    ours = [t for t in fake.asked if t.calls[-1].args[0] == "SELECT 1"]
    assert len(ours) == 4 and all("711" not in repr(t) for t in ours)


@pytest.mark.parametrize(
    "answers", [(), (["value"],), (["value", None], ["value", None], ["value"]), (["value", None], ["value", None], ["value", {"a": []}])]
)
@pytest.mark.parametrize("right", ["r", "e"])
def test_whatever_a_box_says_the_judge_lives(answers: tuple[Any, ...], right: str) -> None:
    fake = ScriptedSandbox(lambda trial: Outcome("ran", "scripted", answers=answers))
    op = ExecuteSql("q", reference="r") if right == "r" else ExecuteSql("q", expected="e")
    try:
        result = one(op, fake, q="SELECT 1", r="SELECT 1", e=[[1]])
    except RecipeError as error:
        assert not answers or answers == (["value"],), error
    else:
        assert not isinstance(result, Row) or result.values["verdict"] != "passed"


ATTACKS = {
    "sqlite": [
        "ATTACH '{outside}/secret' AS s",
        "ATTACH '{outside}/made' AS s",
        "VACUUM INTO '{outside}/made'",
        "SELECT load_extension('{outside}/made.so')",
        "SELECT readfile('{outside}/secret')",
        "SELECT writefile('{outside}/made', 'x')",
        "SELECT fts3_tokenizer('simple', x'4141414141414141')",
        "PRAGMA temp_store_directory = '{outside}'",
        "PRAGMA journal_mode = WAL",
        "SELECT zeroblob(900000000)",
        "SELECT hex(zeroblob(400000000))",
        "SELECT randomblob(1500000)",
        "SELECT replace(hex(zeroblob(9000)), '0', hex(zeroblob(90000)))",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT max(x) FROM r",
        "WITH RECURSIVE r(x) AS (SELECT '1' UNION ALL SELECT x || x FROM r) SELECT max(x) FROM r",
        "SELECT count(*) FROM n a, n b, n c, n d, n e, n f, n g, n h",
        "SELECT a.x FROM n a, n b, n c ORDER BY a.x",
        "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
        "SELECT x FROM n WHERE x LIKE '%" + "_%" * 400 + "' OR '" + "a" * 3000 + "' LIKE '" + "%a" * 300 + "b'",
        "SELECT printf('%.*c', 900000000, 'x')",
    ],
    "duckdb": [
        "SELECT * FROM read_csv('{outside}/secret', header = false)",
        "SELECT content FROM read_text('/etc/passwd')",
        "SELECT * FROM '{outside}/secret.csv'",
        "SELECT * FROM glob('/*')",
        "ATTACH '{outside}/made'",
        "COPY (SELECT 1) TO '{outside}/made'",
        "EXPORT DATABASE '{outside}/made'",
        "INSTALL httpfs",
        "LOAD '{outside}/made'",
        "SELECT * FROM read_csv('http://127.0.0.1:1/x')",
        "SET enable_external_access = true",
        "PRAGMA memory_limit = '99GB'",
        "SELECT getenv('HOME')",
        "SELECT * FROM range(100000000)",
        "SELECT count(*) FROM range(1000000) a, range(1000000) b",
        "SELECT max(s) FROM (SELECT repeat('x', 100000000) || i::VARCHAR s FROM range(20) t(i))",
        "SELECT list(a) FROM range(100000000) t(a)",
        "SELECT repeat('x', 3000000)",
        "SELECT * FROM python_scan_all_frames",
        "SELECT * FROM _now",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def outside() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mintmark-sql-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o777)
        for file in ("secret", "secret.csv"):
            (folder / file).write_text("canary-5f2d0c1b")
            (folder / file).chmod(0o666)
        yield folder


@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_queries_reach_nothing(sandbox: LocalSandbox, outside: Path, engine: str) -> None:
    """As the candidate; and those that want files or memory as the SQL that makes the database."""
    import time

    fits(sandbox, engine)
    before = {p.name: p.stat().st_mtime_ns for p in outside.iterdir()}
    for attack in ATTACKS[engine]:
        query = attack.replace("{outside}", str(outside))
        rows = [{"x": i} for i in range(300)]
        start = time.monotonic()
        found = one(
            ExecuteSql("q", tables="t", expected="e", engine=engine, cpu_s=0.5, repeats=1), sandbox, q=query, t={"n": rows}, e=[[4711]]
        )
        assert isinstance(found, Row) and found.values["verdict"] in ("error", "failed", "limit", "timeout"), (query, found)
        assert "canary" not in repr(found), query
        assert time.monotonic() - start < 12, query
        if query == attack and "blob" not in query:
            continue
        setup = one(
            ExecuteSql("q", setup="s", expected="e", engine=engine, cpu_s=0.5, repeats=1), sandbox, q="SELECT 1", s=query, e=[[4711]]
        )
        assert getattr(setup, "reason", "") == "bad_setup" or setup.values["verdict"] != "passed", query
        assert "canary" not in repr(setup), query
    assert {p.name: p.stat().st_mtime_ns for p in outside.iterdir()} == before and (outside / "secret").read_text() == "canary-5f2d0c1b"


WALL = """
import sqlite3
try:
    import _duckdb
except ImportError:
    _duckdb = None

def tried(engine, sql):
    database = _duckdb.connect() if engine == "duckdb" else sqlite3.connect(":memory:")
    if engine == "sqlite":
        try:
            database.enable_load_extension(True)
        except AttributeError:
            pass
    try:
        found = database.execute(sql)
        return str(found.fetchall())
    except Exception as error:
        return type(error).__name__
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_it_is_the_box_that_holds(sandbox: LocalSandbox, outside: Path, engine: str) -> None:
    """Nothing switched off in the engine: files outside cannot be read or made, nor anything loaded or fetched."""
    fits(sandbox, engine)
    path = str(outside)
    tries = {
        "sqlite": [
            f"ATTACH '{path}/made' AS s",
            f"VACUUM INTO '{path}/made'",
            "SELECT load_extension('/usr/lib/x86_64-linux-gnu/libm.so.6')",
        ],
        "duckdb": [
            f"SELECT content FROM read_text('{path}/secret')",
            "SELECT content FROM read_text('/etc/passwd')",
            f"COPY (SELECT 1) TO '{path}/made'",
            f"ATTACH '{path}/made'",
            "INSTALL httpfs",
            "SELECT * FROM read_csv('http://127.0.0.1:1/x')",
        ],
    }[engine]
    outcome = sandbox.run_now(Trial(WALL, tuple(Call("tried", (engine, sql)) for sql in tries), memory_mb=1024))
    assert outcome.status == "ran", outcome
    for sql, answer in zip(tries, outcome.answers, strict=True):
        assert answer[0] == "value" and ("Error" in answer[1] or "Exception" in answer[1] or answer[1] == "[]"), (sql, answer)
        assert "canary" not in repr(answer) and "root:" not in repr(answer)
    assert sorted(p.name for p in outside.iterdir()) == ["secret", "secret.csv"]


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_of_duckdbs_folder_one_file_is_seen_and_cannot_be_changed(sandbox: LocalSandbox, engine: str) -> None:
    fits(sandbox, engine)
    source = """
import os, _duckdb
def look():
    path = _duckdb.__file__
    seen = []
    for name in (path, path + ".new"):
        for action in (lambda: open(name, "ab"), lambda: os.remove(name), lambda: os.rename(name, name + "x"), lambda: os.listdir(os.path.dirname(name))):
            try:
                action()
                seen.append("done")
            except OSError:
                seen.append("refused")
    return seen
"""
    outcome = sandbox.run_now(Trial(source, (Call("look"),)))
    assert outcome.answers == (["value", ["l", *["refused"] * 8]],), outcome
    native = find_spec("_duckdb")
    assert native and native.origin and Path(native.origin).exists()


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_an_environment_under_tmp_is_seen_too(sandbox: LocalSandbox, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box has a /tmp of its own, which must not hide what is bound."""
    fits(sandbox, engine)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        link = Path(folder) / Path(tiers.modules()["_duckdb"]).name
        link.symlink_to(tiers.modules()["_duckdb"])
        monkeypatch.setattr(tiers, "modules", lambda: {"_duckdb": str(link)})
        monkeypatch.setattr(local, "choose", tiers.choose.__wrapped__)
        made = LocalSandbox(sandbox.tier)
        try:
            assert verdict(made, "SELECT count(*) FROM people", "SELECT 4", engine)["verdict"] == "passed"
        finally:
            asyncio.run(made.aclose())


@pytest.mark.skipif(find_spec("_duckdb") is None, reason="DuckDB is not installed")
def test_an_engine_that_a_box_cannot_see_is_nobodys_fault(sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the environment lies in a closed folder, such as a home of mode 0700 or what `mktemp -d` makes."""
    monkeypatch.setattr(tiers, "modules", dict)
    monkeypatch.setattr(local, "choose", tiers.choose.__wrapped__)  # not the one kept
    made = LocalSandbox(sandbox.tier)
    try:
        with pytest.raises(RecipeError, match="duckdb cannot be loaded in a box"):
            one(ExecuteSql("q", expected="e", engine="duckdb"), made, q="SELECT 1", e=[[1]])
    finally:
        asyncio.run(made.aclose())


def test_in_a_run_and_again(tmp_path: Path, sandbox: LocalSandbox) -> None:
    rows = [{"sql": q, "gold": "SELECT name FROM people WHERE id = 2", "schema": SETUP} for q in ("SELECT 'Bo'", "SELECT 'Ada'", "")]
    recipe = mm.Recipe("q", ops=[mm.generate.Read("p"), ExecuteSql("sql", setup="schema", reference="gold")], tables={"p": rows})
    asked: list[Trial] = []

    class Counted:
        tier = sandbox.tier

        async def run(self, trial: Trial) -> Outcome:
            asked.append(trial)
            return sandbox.run_now(trial)

        async def aclose(self) -> None:
            pass

    run = mm.run(recipe, out=tmp_path / "r", sandbox=Counted(), report=False)
    assert [r["verdict"] for r in run.rows()] == ["passed", "failed"] and run.manifest["dropped"] == 1
    assert len(asked) == 2 + 2 + 1, "the reference runs once for both, twice in all"


@pytest.mark.parametrize(
    "wrong", [{"engine": "oracle"}, {"expected": "e", "reference": "r"}, {"repeats": 0}, {"keep": ("good",)}, {"tolerance": -1}]
)
def test_parameters_are_refused_in_words(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        ExecuteSql("q", **{"expected": "e", **wrong})
    with pytest.raises(ValueError, match="expected"):
        ExecuteSql("q")
