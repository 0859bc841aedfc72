"""The recipes of the method families, each through the command line: new, check, run; then whether its rows are what the method promises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT, check_books, ledger, lines, mintmark
from mintmark.prompting import built_in
from mintmark.stores.tables import read_table

# kind -> (what the data card cites, the built-in prompts that the resolved recipe holds, why rows are dropped)
KINDS: dict[str, tuple[list[str], list[str], set[str]]] = {
    "attributed": (["2306.15895"], ["attributed", "attribute_filter"], {"too_short", "matched"}),
    "personas": (["2406.20094"], ["persona_from_text", "persona_related"], {"near_duplicate"}),
    "stories": (["2305.07759"], ["tiny_story"], {"missing_word", "matched"}),
    "reasoning": (["2203.14465", "2110.14168", "2211.12588"], ["rederive"], {"wrong_arithmetic", "wrong_answer", "disagrees"}),
    "chain": (["2406.15126"], [], {"missing_word"}),
    "dialogue": (["2305.14233"], ["subtopics", "dialogue_user", "dialogue_assistant"], set()),
    "evolve": (["2304.12244"], ["evolve_constraint", "evolve_breadth", "evolve_gain"], {"no_gain", "leaks_prompt", "refused_answer"}),
    "cover": (["Sener and Savarese"], [], {"not_novel"}),
    "grounded-qa": (["1906.05416", "2002.08910"], ["grounded_qa", "reader", "closed_book"], {"answer_not_in_quote", "not_recovered"}),
    "multi-hop": (["1809.09600", "1906.05416"], ["grounded_multi_hop", "reader"], {"one_hop"}),
    "queries": (["2202.05144", "2003.06713"], ["inpars_gbq", "relevance"], {"copied", "irrelevant", "not_selected"}),
    "magpie": (["2406.08464"], [], {"too_short", "matched", "duplicate"}),
    "back-translation": (["2308.06259"], ["back_translate"], {"too_short", "not_novel"}),
    "oss-instruct": (["2312.02120"], ["oss_instruct"], {"matched"}),
}
PLAIN = {"grid", "read", "documents", "draw", "write", "length", "dedup", "shuffle", "pattern"}
Made = Callable[[str], Path]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The folder of a kind: KIND.yaml with its data, and the run in run/."""
    at = tmp_path_factory.mktemp("families")

    @cache
    def make(kind: str) -> Path:
        folder = at / kind
        new = mintmark("new", kind, folder, cwd=at)
        assert new.returncode == 0, new.stderr
        with ThreadPoolExecutor(2) as pool:
            check = pool.submit(mintmark, "check", f"{kind}.yaml", "--json", cwd=folder)
            run = mintmark("run", f"{kind}.yaml", "--out", "run", cwd=folder)
        told = check.result()
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["cost_usd"] == 0 and json.loads(told.stdout)["rows"] > 0
        assert run.returncode == 0, run.stderr
        return folder

    return make


def rows(folder: Path) -> list[dict[str, Any]]:
    return lines(folder / "run/data.jsonl")


@pytest.mark.parametrize("kind", KINDS)
def test_runs_offline_and_tells_what_it_did(made: Made, kind: str) -> None:
    cited, prompts, reasons = KINDS[kind]
    folder = made(kind)
    m = check_books(folder / "run")
    assert m["status"] == "complete" and m["kept"] >= 10 and m["failed"] == m["pending"] == 0
    assert reasons <= {r for s in m["steps"] for r in s["dropped"]}, m["steps"]
    card = (folder / "run/README.md").read_text()
    assert all(paper in card for paper in cited), card
    held = set(texts_in(yaml.safe_load((folder / "run/recipe.yaml").read_text())["steps"]))
    assert held >= {built_in(name) for name in prompts}
    own = texts_in(yaml.safe_load((folder / f"{kind}.yaml").read_text())["steps"])
    assert held >= {t for t in own if "{{" in t}, "the recipe's own prompts are in the resolved recipe"


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [t for v in value.values() for t in texts_in(v)]
    return [t for v in value for t in texts_in(v)] if isinstance(value, list) else [value] if isinstance(value, str) else []


@pytest.mark.parametrize("kind", KINDS)
def test_recipe_is_one_screen_with_remarks(kind: str) -> None:
    text = (ROOT / f"src/mintmark/recipes/{kind}.yaml").read_text()
    head, _, steps = text.partition("steps:\n")
    demo = f"demo_{kind.replace('-', '_')}"
    first, second, *more = head.splitlines()
    assert len(text.splitlines()) <= 50 and max(map(len, text.splitlines())) <= 145
    assert first.startswith("# ") and demo in second and "no key" in second and any("--model writer=" in line for line in more[:3])
    for step in re.split(r"^ +- (?!ask:|schema:)(?=\w+:|\{name: )", steps, flags=re.MULTILINE)[1:]:
        (op,) = re.search(r"^(?:\{?name: [^\n{]*?[\s,]+)?(\w+):", step).groups()  # type: ignore[union-attr]
        assert op in PLAIN or "# " in step, f"{kind}: {op} needs a remark"
    model = (ROOT / f"src/mintmark/recipes/data/{kind}/{demo}.py").read_text()
    assert len(model.splitlines()) <= 80 and model.startswith('"""Stands in for a language model') and re.search(r"canned|by rules", model)


def test_attributed(made: Made) -> None:
    found = rows(made("attributed"))
    assert len({r["label"] for r in found}) == 4 and len({json.dumps(r["attributes"]) for r in found}) > 40
    for r in found:
        assert set(r["attributes"]) == {"mood", "item", "detail"} and r["label"] in r["text"] and r["label"] not in r["similar"]
        assert r["attributes"]["item"] in r["text"] and r["attributes"]["detail"] in r["text"]
        assert r["words_min"] <= len(r["text"].split()) <= r["words_max"] == r["words_min"] + 50
        assert "as an AI" not in r["text"]


def test_personas(made: Made) -> None:
    found = rows(made("personas"))
    assert len({r["persona"] for r in found}) == len(found) and {r["hop"] for r in found} == {0, 1}
    assert len({r["text"] for r in found}) == 8
    for r in found:
        assert (r["hop"] == 1) == bool(r["via"]) and r["persona"] != r["via"]
        who = r["persona"].split(",")[0].rstrip(".")
        assert who[1:] in r["letter"], "the letter is by this person"
    people = {r["persona"] for r in found}
    assert sum(r["via"] in people for r in found) > 10


def test_stories(made: Made) -> None:
    from mintmark.curate.mentions import inflected

    for r in rows(made("stories")):
        held = set(re.findall(r"[a-z]+", r["story"].lower()))
        assert all(inflected(r[word]) & held for word in ("verb", "noun", "adjective")), r
        assert not r["story"].lower().startswith(("once upon", "there was")) and len(r["features"]) <= 2
        assert 3 <= r["story"].count("\n\n") + 1 <= 6


def test_reasoning(made: Made) -> None:
    for r in rows(made("reasoning")):
        steps = re.findall(r"<<(\d+)([*+-])(\d+)=(-?\d+)>>", r["rationale"])
        assert len(steps) == r["rationale_checked"] >= 2
        assert all(calculate(a, op, b) == int(value) for a, op, b, value in steps)
        assert int(steps[-1][3]) == r["answer"] == r["computed"] == int(r["rederived"])
        known: dict[str, int] = {}
        for line in r["program"].splitlines():
            name, _, left, op, right = line.split()
            known[name] = calculate(known.get(left, left), op, known.get(right, right))
        assert known[name] == r["answer"] and set(re.findall(r"\d+", r["question"])) >= {steps[0][0], steps[0][2]}


def calculate(a: Any, op: str, b: Any) -> int:
    return {"*": int(a) * int(b), "+": int(a) + int(b), "-": int(a) - int(b)}[op]


def test_chain(made: Made) -> None:
    for r in rows(made("chain")):
        assert 3 <= len(r["outline"]) <= 5
        found = [line for line in r["article"].splitlines() if line in r["outline"]]
        assert found == r["outline"], "each heading stands on a line of its own, in order"
        assert len(r["summary"].split()) <= 30 and all(h.lower() in r["summary"] for h in r["outline"])
    m = json.loads((made("chain") / "run/manifest.json").read_text())
    assert m["calls"] > 3 * m["planned"], "a summary that was too long was asked again, alone"


def test_dialogue(made: Made) -> None:
    found = rows(made("dialogue"))
    assert {r["round"] for r in found} == {1, 2} and len({r["subtopic"] for r in found}) == len(found)
    grown = {r["subtopic"] for r in found if r["round"] == 1}
    for r in found:
        assert [m["role"] for m in r["messages"]] == ["user", "assistant"] * r["turns"] and 2 <= r["turns"] <= 4
        assert r["messages"][0]["content"] == r["question"] and r["path"][-1] == r["topic"] and len(r["path"]) == r["depth"] == r["round"]
        assert r["round"] == 1 or r["topic"] in grown
    assert {r["ended"] for r in found} == {"done", "budget"}


def test_evolve(made: Made) -> None:
    found = rows(made("evolve"))
    assert {r["round"] for r in found} == {1, 2, 3} and len({r["operation"] for r in found}) >= 4
    by_id = {r["id"]: r for r in found}
    parents = {line["id"]: line["parents"] for line in ledger(made("evolve") / "run")}
    children = 0
    for r in found:
        assert r["instruction"] != r["evolved_from"] and "sorry" not in r["answer"].lower() and "prompt" not in r["instruction"]
        for parent in parents[r["id"]]:
            if parent in by_id:
                children += 1
                assert by_id[parent]["instruction"] == r["evolved_from"] and by_id[parent]["round"] < r["round"]
                assert by_id[parent]["line"] == r["line"]
        seeds = [s["instruction"] for s in lines(made("evolve") / "seeds.jsonl")]
        assert parents[r["id"]] or r["evolved_from"] == seeds[r["line"]], "without a parent the seed itself was evolved"
    assert children >= 5


def test_cover(made: Made) -> None:
    found = rows(made("cover"))
    real = (made("cover") / "messages.csv").read_text().splitlines()[1:]
    assert len({r["round"] for r in found}) >= 3
    for r in found:
        assert r["anchor"] == real[r["anchor_number"]] and r["text"] not in real and r["gap"] > 0.3
    first = [r["gap"] for r in found if r["round"] == 1]
    later = [r["gap"] for r in found if r["round"] > 1]
    assert min(first) > 0.5 and sum(later) / len(later) < sum(first) / len(first), "the gaps shrink"


def test_grounded_qa(made: Made) -> None:
    found = rows(made("grounded-qa"))
    texts = {d["path"]: d["text"] for d in read_table("docs", made("grounded-qa") / "docs").rows()}
    sides: dict[str, set[str]] = {}
    for r in found:
        text = texts[r["path"]]
        assert "text" not in r and text[r["start"] : r["end"]] == r["passage"]
        assert r["passage"][r["quote_start"] : r["quote_end"]] == r["quote"] == text[r["quote_doc_start"] :][: len(r["quote"])]
        assert r["answer"] in r["quote"] and r["roundtrip_f1"] == 1 and r["closed_book_f1"] < 0.5
        sides.setdefault(r["doc_id"], set()).add(r["split"])
    assert len(sides) == 5 and all(len(s) == 1 for s in sides.values()), "a document's questions stay on one side"
    assert {s for side in sides.values() for s in side} == {"train", "test"}


def test_multi_hop(made: Made) -> None:
    for r in rows(made("multi-hop")):
        (second,) = r["retrieved"]
        assert (r["doc_id"], r["start"]) != (second["doc_id"], second["start"]) and r["passage"] != second["text"]
        assert r["quote"] in r["passage"] and r["second_quote"] in second["text"]
        assert r["passage"][r["quote_start"] : r["quote_end"]] == r["quote"] and r["roundtrip_f1"] == 1


def test_queries(made: Made) -> None:
    found = rows(made("queries"))
    assert len(found) == 12 and len({r["query"] for r in found}) == 12
    for r in found:
        assert r["query_score"] < 0 and r["relevance"] >= 0.5 and r["query_tokens"] == len(r["query"].split()) and r["style"] == "gbq"
        assert r["query"].lower() not in r["passage"].lower()
        assert len(r["negatives"]) == 3 and all(n["text"] != r["passage"] for n in r["negatives"])


def test_magpie(made: Made) -> None:
    found = rows(made("magpie"))
    assert len(found) == 40 and len({r["instruction"] for r in found}) == 40 and len({r["subject"] for r in found}) == 5
    for r in found:
        assert not re.search(r"<\||^assistant", r["instruction"]) and len(r["instruction"].split()) >= 4 and len(r["answer"].split()) >= 8


def test_back_translation(made: Made) -> None:
    texts = [r["text"] for r in lines(made("back-translation") / "texts.jsonl")]
    found = rows(made("back-translation"))
    assert len({r["instruction"] for r in found}) == len(found)
    for r in found:
        assert r["text"] in texts and len(r["text"].split()) >= 15 and r["instruction"] not in r["text"]


def test_oss_instruct(made: Made) -> None:
    found = rows(made("oss-instruct"))
    for r in found:
        code = re.search(r"```python\n(.*?)\n```", r["solution"], re.DOTALL)
        assert code and "snippet" not in r["problem"]
        known: dict[str, Any] = {}
        exec(compile(code[1], "solution", "exec"), known)  # our own canned code
        asked = re.findall(r"Write a function `(\w+)\(", r["problem"])
        assert asked and all(callable(known[name]) and len(known[name]([])) == 0 for name in asked)
    assert len({r["solution"] for r in found}) == len(found)
