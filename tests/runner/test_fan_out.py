"""`want` and steps that split rows: the first round plans what the wanted rows need, not one source row for each."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import mintmark as mm
from mintmark.models.scripted import ScriptedModel
from mintmark.stores.memory import MemoryStore


def three(request: Any) -> str:
    return json.dumps({"rows": [{"text": f"{request.row} {k} {request.seed}"} for k in range(5)]})


def test_want_counts_what_comes_out(tmp_path: Path) -> None:
    model = ScriptedModel(three)
    ops = [mm.generate.Grid({"a": [1]}), mm.generate.Write(prompt="five about {{ a }}", column="text", n=5)]
    recipe = mm.Recipe("fan", ops=ops, models={"writer": model})
    assert mm.check(dataclasses.replace(recipe, want=20))["roles"]["writer"]["calls"] == 4
    run = mm.run(recipe, want=20, out=tmp_path / "r")
    assert run.manifest["kept"] == 20 and run.manifest["calls"] == model.calls == 4 and run.manifest["dropped"] == 0


def test_the_numbers_of_a_step_are_the_rows_that_entered_and_left_it() -> None:
    def told(prompt: str) -> Any:
        if "about 0" in prompt:
            return {"text": "no JSON at all"}
        return json.dumps({"rows": [{"text": f"{prompt} {k}" if k else "short"} for k in range(3)]})

    ops = [
        mm.generate.Grid({"a": list(range(4))}),
        mm.generate.Write(prompt="three about {{ a }}", column="text", n=3, attempts=1),
        mm.curate.Length(column="text", words=(2, 9)),
        mm.curate.Shuffle(),
    ]
    recipe = mm.Recipe("steps", ops=ops, models={"writer": ScriptedModel(told)}, want=5)
    run = mm.run(dataclasses.replace(recipe, max_candidates=4), store=MemoryStore(), report=False)
    m = run.manifest
    lines = {s["label"]: {k: v for k, v in s.items() if k in ("in", "out", "dropped", "failed", "split", "made") and v} for s in m["steps"]}
    assert lines == {
        "grid": {"in": 4, "out": 4},
        "write": {"in": 4, "out": 9, "failed": {"json": 1}, "split": 3, "made": 9},
        "length": {"in": 9, "out": 6, "dropped": {"too_short": 3}},
        "want": {"in": 6, "out": 5, "dropped": {"surplus": 1}},  # before the final step, which saw only what is wanted
        "shuffle": {"in": 5, "out": 5},
    }
    assert m["planned"] == 10 == m["kept"] + m["dropped"] + m["failed"] + m["pending"] and m["kept"] == 5  # law 1 counts leaves
    (example,) = (s["examples"]["failed"]["json"] for s in m["steps"] if s["label"] == "write")
    assert "no JSON" in example["detail"] and len(example["id"]) == 20
