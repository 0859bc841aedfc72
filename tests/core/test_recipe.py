"""Labels of steps, and what a loop carries from a round to the next."""

from __future__ import annotations

from typing import Any

import pytest

import mintmark as mm
from mintmark.core.errors import PrivacyError
from mintmark.core.recipe import label_steps
from mintmark.core.rows import Columns
from mintmark.models.scripted import ScriptedModel
from mintmark.wiring import prepare


@pytest.mark.parametrize("name", ["", "loop"])
def test_a_step_after_a_loop_has_a_label_of_its_own(name: str) -> None:
    """Also where the loop has a name: two steps of one label would share what each prepares once, and the ids of their rows."""
    loop = mm.Repeat(steps=label_steps([mm.generate.Grid({"a": [1]}), mm.generate.Write(prompt="{{ a }}", column="t")]))
    after = mm.generate.Write(prompt="{{ t }}", column="u")
    assert [s.label for s in mm.Recipe("r", ops=[(name, loop) if name else loop, after]).steps] == ["grid", "write", "write2"]


class Far(ScriptedModel):
    local = False  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("after", "refused"),
    [
        (mm.generate.Swap("instruction", source="words", groups=["a", "b"]), True),  # the next round's prompts hold private words
        (mm.curate.Novelty("instruction", against="words.a"), False),  # drops rows, and writes nothing
        (mm.generate.Examples("words", into="instruction"), True),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_private_rows_do_not_reach_a_model_by_the_next_round(after: Any, refused: bool) -> None:
    tables = {"seeds": Columns("seeds", {"instruction": ["Say hi."]}), "words": Columns("words", {"a": ["hi"], "b": ["ho"]}, private=True)}
    steps = [mm.generate.Parents("seeds"), mm.generate.Evolve(operations=["deepen"]), after]
    if after.must_be_read():
        steps.append(mm.curate.Length("instruction", words=(1, 9)))
    recipe = mm.Recipe("r", ops=[mm.Repeat(steps=label_steps(steps))], models={"writer": Far(lambda r: "x", "far")}, tables=tables)
    if refused:
        with pytest.raises(PrivacyError, match=r"evolve \(step 2 of \d\) would send rows of the private table words to the role 'writer'"):
            prepare(recipe)
    else:
        prepare(recipe)
