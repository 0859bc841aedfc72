"""`want` and steps that split rows: the first round plans what the wanted rows need, not one source row for each."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import mintmark as mm
from mintmark.models.scripted import ScriptedModel


def three(request: Any) -> str:
    return json.dumps({"rows": [{"text": f"{request.row} {k} {request.seed}"} for k in range(5)]})


def test_want_counts_what_comes_out(tmp_path: Path) -> None:
    model = ScriptedModel(three)
    ops = [mm.generate.Grid({"a": [1]}), mm.generate.Write(prompt="five about {{ a }}", column="text", n=5)]
    recipe = mm.Recipe("fan", ops=ops, models={"writer": model})
    assert mm.check(dataclasses.replace(recipe, want=20))["roles"]["writer"]["calls"] == 4
    run = mm.run(recipe, want=20, out=tmp_path / "r")
    assert run.manifest["kept"] == 20 and run.manifest["calls"] == model.calls == 4 and run.manifest["dropped"] == 0
