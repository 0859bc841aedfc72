"""What is said of a recipe that was edited under a run that is there: which steps changed, and how many answers it takes again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.errors import RunFolderError
from mintmark.models.scripted import ScriptedModel


def recipe(**changed: Any) -> mm.Recipe:
    words = changed.get("words", (1, 9))
    ops = [
        mm.generate.Grid({"a": [1, 2, 3]}),
        mm.generate.Write(prompt="a {{ a }}", column="t"),
        mm.curate.Length(column="t", words=words),
        mm.generate.Write(prompt=changed.get("last", "b {{ t }}"), column="u"),
    ]
    return mm.Recipe("e", ops=ops, models={"writer": ScriptedModel(lambda prompt: f"on {prompt}", changed.get("model", "one"))})


def test_an_edit_names_the_steps_that_changed_and_no_others(tmp_path: Path) -> None:
    """The manifest of a run that had ended forgot its steps' hashes: every edit was said to change every step, and to ask everything again."""
    mm.run(recipe(), out=tmp_path / "e", report=False)
    for change, said in (
        ({"last": "c {{ t }}"}, "step write2 has changed. At most 3 of its 6 answers"),
        ({"words": (1, 8)}, "step length has changed. At most 3 of its 6 answers"),
        ({"model": "two"}, "its tables or models have changed. At most 6 of its 6 answers"),
    ):
        with pytest.raises(RunFolderError, match=said):
            mm.run(recipe(**change), out=tmp_path / "e", report=False)
    made = mm.run(recipe(last="c {{ t }}"), out=tmp_path / "e", report=False, changed=True)
    assert made.manifest["calls"] == 9 and made.manifest["kept"] == 3
