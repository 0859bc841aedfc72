"""novelty: what stays and what the drop says; the boundary; tables; a whole run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import check_books, ledger, lines, mintmark, write_recipe
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Batch, Columns, Tally
from mintmark.text.rouge import rouge_l

SEEDS = Columns("seeds", {"instruction": ["Name three colours of the sky.", None, "a b c d e f g x y z"]})


def verdicts(op: mm.curate.Novelty, texts: list[Any], remembered: tuple[str, ...] = ()) -> list[str | None]:
    def batch(values: Any, mark: str) -> Batch:
        return Batch([(i, 0) for i, _ in enumerate(values)], [f"{mark}{i}" for i, _ in enumerate(values)], {"t": list(values)})

    judge = op.judge(Context(tables={"seeds": SEEDS}).at("novelty", "", Tally()))
    judge.remember(batch(remembered, "old"))
    return [v and v.drop and f"{v.drop.reason}: {v.drop.detail}" for v in judge.judge(batch(texts, "r"))]


def test_the_twin_is_named() -> None:
    texts = [
        "Write a story about a cat.",
        "Write a poem about a cat.",
        "Write a poem about one dog.",
        "",
        None,
        "WRITE a story, about a cat!",
    ]
    assert verdicts(mm.curate.Novelty("t"), texts) == [
        None, "not_novel: like r0, ROUGE-L 0.8333", None, None, None, "not_novel: like r0, ROUGE-L 1"
    ]  # fmt: skip
    assert verdicts(mm.curate.Novelty("t"), texts[1:2], ("Sort it.", texts[0])) == ["not_novel: like old1, ROUGE-L 0.8333"]
    against = mm.curate.Novelty("t", against="seeds.instruction")
    assert verdicts(against, ["Name three colours of the sea.", "New one here."], ("Name two colours of the sea.",)) == [
        "not_novel: like seeds.instruction row 0, ROUGE-L 0.8333", None
    ]  # fmt: skip


def test_exactly_at_the_bound_stays() -> None:
    assert rouge_l("a b c d e f g u v w", str(SEEDS.data["instruction"][2])) == 0.7
    assert verdicts(mm.curate.Novelty("t", against="seeds.instruction"), ["a b c d e f g u v w"]) == [None]
    assert verdicts(mm.curate.Novelty("t", 0.69, against="seeds.instruction"), ["a b c d e f g u v w"])[0] is not None


def test_other_scripts_need_to_be_asked_for() -> None:
    texts = ["写一首关于猫的诗", "写一首关于狗的诗"]
    assert verdicts(mm.curate.Novelty("t"), texts) == [None, None]
    assert verdicts(mm.curate.Novelty("t", script="any"), texts) == [None, "not_novel: like r0, ROUGE-L 0.875"]


@pytest.mark.parametrize("wrong", [{"most": 0}, {"most": 1.5}, {"against": "seeds"}, {"against": ".instruction"}, {"script": "greek"}])
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Novelty.from_params({"column": "t", **wrong}, "novelty")


@pytest.mark.parametrize("against", ["seed.instruction", "seeds.instructions"])
def test_a_table_or_column_that_is_not_there(against: str) -> None:
    with pytest.raises(RecipeError, match="seeds|instruction"):
        mm.curate.Novelty("t", against=against).check(Scene(("t",), {"seeds": SEEDS}))


def test_recorded_run(data: Path, tmp_path: Path) -> None:
    """The instructions that davinci wrote, with two planted near-copies, against the human seeds: a run by the command line."""
    source = data / "self_instruct_davinci"
    texts = [r["instruction"] for r in lines(source / "machine_generated_instructions.jsonl")]
    seeds = [r["instruction"] for r in lines(source / "seed_tasks.jsonl")]
    planted = [texts[3] + " Please!", "Kindly: " + seeds[5]]
    for name, cells in (("rows", texts + planted), ("seeds", seeds)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps({"instruction": cell}) + "\n" for cell in cells))
    recipe = write_recipe(
        tmp_path,
        "name: novel\ntables: {rows: rows.jsonl, seeds: seeds.jsonl}\nsteps:\n  - read: {from: rows}\n"
        "  - novelty: {column: instruction, against: seeds.instruction}\n",
    )
    done = mintmark("run", recipe, "--out", tmp_path / "runs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = next(p.parent for p in (tmp_path / "runs").rglob("manifest.json"))
    assert check_books(folder)["kept"] == 67
    dropped = [line for line in ledger(folder) if line["state"] == "dropped"]
    assert {line["reason"] for line in dropped} == {"not_novel"} and len(dropped) == 2
    assert any("seeds.instruction row 5" in line["detail"] for line in dropped)
