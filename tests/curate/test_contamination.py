"""contamination: planted benchmark questions are found, at the boundary, in other writing; a brute-force twin; recorded benchmarks."""

from __future__ import annotations

import ast
import gzip
import json
import random
import sysconfig
import textwrap
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mintmark as mm
from conftest import check_books, ledger, lines
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns, Drop, Row
from mintmark.text.code import code_tokens
from mintmark.text.contained import Reference, tokens

ITEM = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
BENCH = Columns("bench", {"q": [None, "short text of six words here", ITEM, "no"], "other": ["猫は静かに庭で眠っている", "x", "y", "z"]})


def one(text: Any, against: Any = "bench.q", **params: Any) -> Any:
    op = mm.curate.Contamination(against, "t", **params)
    result = op.each(Row("r", {"t": text}), Context(tables={"bench": BENCH}))
    return dict(result.values) if isinstance(result, Row) else result


def test_one_run_of_thirteen_words() -> None:
    thirteen = " ".join(ITEM.split()[:13])
    assert one(f"So: {thirteen.upper()}!") == Drop("contaminated", f'bench.q row 2, share 0.50: "{thirteen}"')
    twelve = " ".join(ITEM.split()[:12])
    assert one(twelve) == {"t": twelve}
    assert isinstance(one(twelve, n=8), Drop) and one(None) == {"t": None}


def test_share_of_the_item() -> None:
    ten = " ".join(ITEM.split()[:10])  # 3 of its 7 runs of 8 words
    assert one(ten, n=8, share=0.45) == {"t": ten}
    assert one(ten, n=8, share=3 / 7).detail.startswith("bench.q row 2, share 0.43")
    assert one(ten, n=8, share=0.4, action="flag")["t_contamination"] == {
        "table": "bench.q", "row": 2, "item": None, "share": 3 / 7, "ngram": " ".join(ITEM.split()[:8])
    }  # fmt: skip
    assert one("clean", action="flag") == {"t": "clean", "t_contamination": None}


def test_short_items_count_whole_and_other_scripts_by_character() -> None:
    assert one("A short, text of six words: here").detail.startswith("bench.q row 1, share 1.00")
    assert one("short text of six words") == {"t": "short text of six words"} and one("no, no") == {"t": "no, no"}
    assert isinstance(one("昨日、猫は静かに庭で眠っているのを見た", "bench.other", n=8), Drop)
    assert isinstance(one(ITEM, ("bench.other", "bench.q")), Drop)


@pytest.mark.parametrize("wrong", [{"n": 1}, {"share": 0}, {"share": 1.1}, {"against": "bench"}, {"column": None}, {"shortest": 0}])
def test_parameters_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Contamination.from_params({"column": "t", "against": "bench.q", **wrong}, "contamination")


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(RecipeError, match="Did you mean|has the columns"):
        mm.curate.Contamination("bench.qq", "t").check(Scene(("t",), {"bench": BENCH}))


WORDS = st.lists(st.sampled_from("abc"), max_size=12).map(" ".join)


@given(st.lists(WORDS, max_size=5), WORDS, st.integers(2, 4), st.one_of(st.none(), st.sampled_from([0.3, 0.5, 1.0])))
@settings(max_examples=200, deadline=None)
def test_equals_brute_force(items: list[str], text: str, n: int, share: float | None) -> None:
    def grams(value: str, size: int) -> set[tuple[str, ...]]:
        words = tokens(value)
        return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}

    shares = {}
    for number, item in enumerate(items):
        size = min(n, len(tokens(item)))
        if size >= min(n, 2):
            shares[number] = len(grams(item, size) & grams(text, size)) / len(grams(item, size))
    found = Reference(items, n, shortest=2).find(text, share)
    expected = max(shares.values(), default=0.0)
    if share is None:
        assert (found is not None) == (expected > 0)
    else:
        assert (found.share if found else None) == (expected if expected >= share else None)
    assert found is None or (found.gram in " ".join(tokens(text)) and found.gram in " ".join(tokens(items[found.item])))


def test_recorded_benchmark(data: Path) -> None:
    """Of 300 GSM8K questions planted, each in other text, all are found, with their row; of banking customers' questions none is one."""
    questions = [r["question"] for r in lines(data / "gsm8k" / "test.jsonl")]
    reference = Reference(questions, 13)
    rng = random.Random(1)
    for number in rng.sample(range(len(questions)), 300):
        found = reference.find("Consider this problem. " + questions[number].upper().replace(",", " ,") + " Answer shortly.")
        assert found is not None and questions[found.item][:40] == questions[number][:40]
    seeds = [r["instruction"] for r in lines(data / "self_instruct_davinci" / "seed_tasks.jsonl")]
    assert not [s for s in seeds if reference.find(s)]
    begun = time.process_time()
    reference.find(json.dumps(questions) * 2)
    reference.find("a " * 500_000)
    assert time.process_time() - begun < 8


def _renamed(source: str) -> str:
    """The same program with every name that it binds changed, laid out anew, with comments and docstrings of its own."""
    tree = ast.parse(source)
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)} | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in bound:
            node.id = f"my_{node.id}"
        elif isinstance(node, ast.arg):
            node.arg = f"my_{node.arg}"
        elif isinstance(node, ast.FunctionDef):
            node.name = f"my_{node.name}"
            if ast.get_docstring(node):
                node.body[0] = ast.parse('"Does what it says."').body[0]
    return "".join(f"{line}  # so\n\n" for line in ast.unparse(tree).replace("    ", "\t").splitlines())


def _unrelated(count: int) -> list[str]:
    """Functions of 5 to 40 lines from Python's own library."""
    found = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = path.read_text("utf-8", "replace")
        cut = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and 5 <= (node.end_lineno or 0) - node.lineno <= 40:
                found.append(textwrap.dedent("\n".join(cut[node.lineno - 1 : node.end_lineno])))
    return random.Random(5).sample(found, count)


def test_a_benchmark_of_code_is_found_and_named(data: Path, tmp_path: Path) -> None:
    """HumanEval, given as a file: problems in other text, solutions and tests with every name changed. Each drop names the item; unrelated code stays."""
    path = data / "humaneval_codegen16b" / "HumanEval.jsonl.gz"
    with gzip.open(path, "rt") as file:
        items = [json.loads(line) for line in file]
    long = [r for r in items if len(code_tokens(r["canonical_solution"])) >= 13]
    assert len(long) == 146 and len(items) == 164
    rows = [
        {"item": r["task_id"], "what": "solution", "problem": "", "code": _renamed(r["prompt"] + r["canonical_solution"])} for r in long
    ]
    rows += [
        {"item": r["task_id"], "what": "fenced", "problem": "", "code": f"So:\n```python\n{r['prompt']}{r['canonical_solution']}\n```"}
        for r in long
    ]
    rows += [{"item": r["task_id"], "what": "test", "problem": "", "code": r["test"].replace("candidate", "my_function")} for r in items]
    rows += [
        {"item": r["task_id"], "what": "problem", "problem": "Solve:\n" + r["prompt"].upper().replace("\n", " "), "code": ""} for r in items
    ]
    unrelated = _unrelated(1500)
    rows += [{"item": "", "what": "unrelated", "problem": "", "code": code} for code in unrelated]
    rows += [{"item": "", "what": "unrelated", "problem": code, "code": ""} for code in unrelated]
    ops = [
        mm.generate.Read("rows"),
        mm.curate.Contamination(("humaneval.canonical_solution", "humaneval.test"), "code", kind="code"),
        mm.curate.Contamination("humaneval.prompt", "problem"),
    ]
    mm.run(mm.Recipe("clean", ops=ops, tables={"rows": rows, "humaneval": path}), out=tmp_path / "r", report=False)
    assert check_books(tmp_path / "r")["planned"] == len(rows)
    missed: Counter[str] = Counter()
    misnamed = []
    for row, line in zip(rows, ledger(tmp_path / "r"), strict=True):  # in plan order
        if line["state"] == "kept":
            missed[row["what"]] += 1
        elif f"({row['item']})" not in line["detail"]:
            misnamed.append((row["item"], line["detail"]))
        else:
            assert line["detail"].startswith("humaneval.")
    assert missed == {"unrelated": 3000}, missed
    assert [item for item, _ in misnamed] == ["HumanEval/61"], misnamed  # its problem is that of 56, but for the kind of bracket


def test_a_short_program_is_only_found_with_its_tests_or_its_problem() -> None:
    bench = Columns(
        "bench",
        {"task_id": ["B/0", "B/1"], "code": ["return x + 1", "return sorted(set(values), key=lambda v: (-v, len(str(v))))[:limit]"]},
    )

    def one_code(code: str, **params: Any) -> Any:
        op = mm.curate.Contamination("bench.code", "c", kind="code", **params)
        return op.each(Row("r", {"c": code}), Context(tables={"bench": bench}))

    assert isinstance(one_code("def f(y):\n    return y + 1"), Row)
    found = one_code("def top(items, n):\n    return sorted(\n        set(items),\n        key = lambda z: (-z, len(str(z)))\n    )[:n]")
    assert isinstance(found, Drop) and found.detail.startswith("bench.code row 1 (B/1), share 1.00: ")
    assert isinstance(one_code("def f(y):\n    return y + 1", shortest=4), Drop)


def test_fences_within_a_program_hide_nothing() -> None:
    """A docstring or a comment with a fence in it was all that was read of a program."""
    body = "    seen = set()\n    out = []\n    for x in xs:\n        if x not in seen:\n            seen.add(x)\n            out.append(x)\n    return out\n"
    shown = f'def first(ys):\n    """\n    ```\n    first([1])\n    ```\n    """\n{body.replace("xs", "ys")}'
    bench = Columns("b", {"code": [f"def uniq(xs):\n{body}"]})
    op = mm.curate.Contamination("b.code", "c", kind="code")
    for code in (shown, f"# ```\n{shown}", f"Use ```first``` so: {body}", f"So:\n```python\n{shown}```\nDone."):
        assert isinstance(op.each(Row("r", {"c": code}), Context(tables={"b": bench})), Drop), code
