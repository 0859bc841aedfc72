"""Noisy releases: charged before they are drawn, journaled before they are used, never drawn twice, never more than the allowance."""

from __future__ import annotations

import errno
import json
import math
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

import mintmark as mm
from conftest import ROOT, mintmark
from mintmark.core.context import Context
from mintmark.core.errors import BudgetEnded, MintmarkError, MissingExtra, PrivacyError, RecipeError
from mintmark.core.op import Op, Planned, Scene, Scope, State
from mintmark.core.ports import Allowance
from mintmark.core.rows import Row, row_id
from mintmark.noise.gaussian import require
from mintmark.stats.gaussian_dp import mu_for, sigma_for, upward
from mintmark.stores.folder import FolderStore
from mintmark.stores.spending import account, home

pytest.importorskip("opendp", reason="opendp is not installed")
HUSH = 7_654_321.0  # a private number that must stand nowhere


@dataclass(frozen=True)
class Sums(Op):
    """The sum of a private column, released `times` times: a source whose every row carries what was released."""

    source: str = field(metadata={"key": "from"})
    sigma: float = 5.0
    times: int = 2
    name: ClassVar[str] = "sums"
    scope: ClassVar[Scope] = Scope.SOURCE
    releases: ClassVar[bool] = True

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("sum",)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def holds(self, ctx: Context) -> int:
        return self.times

    async def ready(self, ctx: Context, state: State | None = None) -> None:
        if (ctx.label, "sums") not in ctx.cache:
            total = [float(sum(ctx.table(self.source).column("n")))]
            sums = [(await ctx.release(f"sum {k}", self.source, total, sigma=self.sigma, about=k))[0] for k in range(self.times)]
            ctx.cache[ctx.label, "sums"] = sums

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        for k in range(start, min(stop, self.times)):
            yield Row(row_id(ctx.label, k), {"sum": ctx.cache[ctx.label, "sums"][k]})


@dataclass(frozen=True)
class Share(Sums):
    """Sums that say beforehand which share of the budget they take."""

    share: float = 1.0
    name: ClassVar[str] = "share"

    def spends(self) -> dict[str, float]:
        return {self.source: self.share}


def recipe(people: int = 40, epsilon: float = 3.0, **more: Any) -> mm.Recipe:
    table = {"path": [{"n": HUSH if i == 0 else 0.0, "who": i % 20} for i in range(people)], "budget": {"epsilon": epsilon, "delta": 1e-6}}
    return mm.Recipe("released", ops=[Sums("real", **more)], tables={"real": table})


def lines(own_home: Path) -> list[dict[str, Any]]:
    (file,) = (own_home / "spending").iterdir()
    return [json.loads(x) for x in file.read_text().splitlines()]


def test_a_run_is_charged_once_and_says_what_it_spent(tmp_path: Path, own_home: Path) -> None:
    first = mm.run(recipe(), out=tmp_path / "run")
    again = mm.run(recipe(), out=tmp_path / "run")
    assert first.rows() == again.rows() and len({r["sum"] for r in first.rows()}) == 2
    assert all(abs(r["sum"] - HUSH) < 60 and r["sum"] != HUSH for r in first.rows())
    (told,) = again.manifest["releases"]
    assert told == first.manifest["releases"][0]
    for page in ("README.md", "report.html"):
        text = (tmp_path / "run" / page).read_text()
        assert (
            f"epsilon {upward(told['epsilon'])} at delta 1e-06, by 2 releases" in text
            and "nothing here is differentially private" not in text
        )
    assert told["releases"] == 2 and told["unit"] == "one row" and told["people"] == 40 and told["epsilon"] == told["epsilon_all_runs"] < 3
    charged = [x for x in lines(own_home) if "mu" in x]
    assert len(charged) == 2 and all(abs(x["mu"] - 0.2) < 1e-12 for x in charged)
    file = next((own_home / "spending").iterdir())
    assert file.stat().st_mode & 0o777 == 0o600
    for place in [*(tmp_path / "run").rglob("*"), *own_home.rglob("*")]:
        found = place.read_bytes() if place.is_file() else b""
        assert b"7654321.0," not in found and b"7654321.0}" not in found and struct.pack("<d", HUSH) not in found, place


def test_another_run_is_charged_too_until_nothing_is_left(tmp_path: Path, own_home: Path) -> None:
    sigma = sigma_for(3.0, 1e-6, releases=4)
    for k in range(2):
        assert mm.run(recipe(sigma=sigma), out=tmp_path / f"run{k}").status == "complete"
    refused = mm.run(recipe(sigma=sigma), out=tmp_path / "run2")
    assert refused.exit_code == 3 and "epsilon 3 of 3 at delta 1e-06 is spent" in refused.reason and refused.rows() == []
    spent = sum(x["mu"] ** 2 for x in lines(own_home) if "mu" in x) ** 0.5
    assert spent <= mu_for(3.0, 1e-6) + 1e-9
    assert mm.run(recipe(sigma=sigma), out=tmp_path / "run1").rows(), "what was released stays usable"
    assert mm.run(recipe(people=41, sigma=sigma), out=tmp_path / "other").status == "complete", "another data set has its own account"


@pytest.mark.parametrize("when", ["before the noise", "after the noise", "after the journal"])
def test_killed_between_charge_and_release(tmp_path: Path, own_home: Path, when: str) -> None:
    code = f"""
import os, sys
sys.path[:0] = [{str(ROOT / "src")!r}, {str(Path(__file__).parent)!r}, {str(ROOT / "tests" / "contract")!r}, {str(ROOT / "tests")!r}]
import mintmark as mm, test_released as t
from mintmark import execute
from mintmark.stores import spending
when = {when!r}
draw, done = execute.add_noise, spending.Account.done
def noise(values, sigma):
    if when == "before the noise": os._exit(9)
    made = draw(values, sigma)
    if when == "after the noise": os._exit(9)
    return made
execute.add_noise = noise
spending.Account.done = lambda self, charged: os._exit(9) if when == "after the journal" else done(self, charged)
mm.run(t.recipe(), out={str(tmp_path / "run")!r})
"""
    died = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True, text=True)
    assert died.returncode == 9, died.stderr
    assert len([x for x in lines(own_home) if "mu" in x]) == 1, "charged before it was drawn"
    ended = mm.run(recipe(), out=tmp_path / "run")
    assert ended.status == "complete" and len(ended.rows()) == 2
    assert len([x for x in lines(own_home) if "mu" in x]) == 2, "an open charge is used, not paid twice"
    # the run's folder is lost: what it released was seen, so it is charged anew
    for place in sorted((tmp_path / "run").rglob("*"), reverse=True):
        place.rmdir() if place.is_dir() else place.unlink()
    mm.run(recipe(), out=tmp_path / "run")
    assert len([x for x in lines(own_home) if "mu" in x]) == 4


def test_runs_at_the_same_time_never_spend_more(tmp_path: Path, own_home: Path) -> None:
    sigma = sigma_for(3.0, 1e-6, releases=6)
    code = f"""
import sys
sys.path[:0] = [{str(ROOT / "src")!r}, {str(Path(__file__).parent)!r}, {str(ROOT / "tests" / "contract")!r}, {str(ROOT / "tests")!r}]
import mintmark as mm, test_released as t
sys.exit(mm.run(t.recipe(sigma={sigma!r}), out=sys.argv[1]).exit_code)
"""
    going = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / f"run{k}")], env={**os.environ}) for k in range(4)]
    codes = sorted(p.wait(200) for p in going)
    mus = [x["mu"] for x in lines(own_home) if "mu" in x]
    assert len(mus) == 6 and sum(m * m for m in mus) ** 0.5 <= mu_for(3.0, 1e-6) + 1e-9
    assert codes.count(3) >= 1 and codes.count(0) >= 2


ALLOWED = Allowance("real", "ab" * 16, 1.0, 1e-6, 1_000)


def test_a_torn_line_is_cut_off_and_a_damaged_one_refused(own_home: Path) -> None:
    with account(ALLOWED) as open_:
        open_.done(open_.charge("a", 0.1))
    file = home() / "spending" / f"{ALLOWED.data}.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"id":"b/0","m')
    with account(ALLOWED) as open_:
        assert open_.spent == pytest.approx(0.1)
        open_.charge("b", 0.1)
    assert file.read_bytes().startswith(whole) and len(file.read_bytes().splitlines()) == 3
    for damage in (b'"x"', b"-0.1", b"1e999", b"NaN", b"null"):
        file.write_bytes(whole.replace(b'"mu":0.1', b'"mu":' + damage))
        with pytest.raises(PrivacyError, match="line 1 .* is damaged"), account(ALLOWED):
            pass


@pytest.mark.parametrize("fails", [0, 1, 2, 3])
def test_a_full_disk_under_the_account_stops_the_run_and_is_gone_on_from(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    """Charge and done of two releases: whichever line does not fit, half of it is written; nothing is drawn twice once there is room."""
    write, lines_written = os.write, iter(range(100))

    def full(file: int, data: bytes) -> int:
        if next(lines_written) == fails:
            write(file, data[:20])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data)

    monkeypatch.setattr("mintmark.stores.spending.os.write", full)
    stopped = mm.run(recipe(), out=tmp_path / "run", report=False)
    assert stopped.exit_code == 3 and "make room and give the same command again" in stopped.reason
    store = FolderStore(tmp_path / "run", readonly=True)
    before = {a.key: a.raw for a in store.answers() if a.port == "release"}
    store.close()
    done = mm.run(recipe(), out=tmp_path / "run", report=False)
    store = FolderStore(tmp_path / "run", readonly=True)
    after = {a.key: a.raw for a in store.answers() if a.port == "release"}
    store.close()
    assert done.status == "complete" and len(after) == 2 and before.items() <= after.items() and len(before) == (0, 1, 1, 2)[fails]
    assert len([x for x in lines(own_home) if "mu" in x]) == 2 and len([x for x in lines(own_home) if "done" in x]) == 2


def test_a_changed_account_is_refused(own_home: Path) -> None:
    with account(ALLOWED) as open_:
        for name in ("a", "b"):
            open_.done(open_.charge(name, 0.1))
    file = home() / "spending" / f"{ALLOWED.data}.jsonl"
    whole = file.read_bytes().splitlines(keepends=True)
    for changed in ([whole[0].replace(b"0.1", b"0.001"), *whole[1:]], whole[2:], [*whole[:1], *whole[2:]], [*whole[2:], *whole[:2]]):
        file.write_bytes(b"".join(changed))
        with pytest.raises(PrivacyError, match="is damaged: what was spent is not known"), account(ALLOWED):
            pass
    file.write_bytes(b"".join(whole))
    with account(ALLOWED) as open_:
        assert open_.spent == pytest.approx(0.1 * 2**0.5)


def test_an_account_that_cannot_be_kept_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MINTMARK_HOME", str(tmp_path / "file"))
    with pytest.raises(PrivacyError, match="nobody knows what was spent"), account(ALLOWED):
        pass


def test_an_account_that_hangs_on_the_working_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINTMARK_HOME", "home")
    with pytest.raises(PrivacyError, match="another working folder would begin another account"), account(ALLOWED):
        pass
    assert not list(tmp_path.iterdir())


def test_pages_name_no_private_document(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    for k in range(30):
        (tmp_path / "notes" / f"{k}.txt").write_text(f"note {k}")
    (tmp_path / "notes" / "anna-smith.pdf").write_bytes(b"%PDF-1.4 damaged")
    table = {"path": str(tmp_path / "notes"), "budget": {"epsilon": 1.0, "delta": 1e-3}}
    schema = {"text": {"levels": ["note 1", "note 2"]}}
    made = mm.run(
        mm.load({"name": "d", "want": 5, "tables": {"real": table}, "steps": [{"marginals": {"from": "real", "schema": schema}}]}),
        out=tmp_path / "run",
    )
    assert made.status == "complete"
    for name in ("README.md", "report.html"):
        assert "smith" not in (tmp_path / "run" / name).read_text()


def test_the_sum_is_never_passed(own_home: Path) -> None:
    with account(ALLOWED) as open_:
        with pytest.raises(BudgetEnded):
            for k in range(10_000):
                open_.done(open_.charge(f"r{k}", 0.03))
        assert 0.9 < open_.epsilon <= 1.0 + 1e-6


def test_an_account_keeps_one_unit(tmp_path: Path, own_home: Path) -> None:
    """What protects one row protects a person with two rows half as well: their charges cannot be added up, nor told as one."""
    rows, persons = recipe(), recipe()
    persons.tables["real"]["budget"]["person"] = "who"
    mm.run(rows, out=tmp_path / "run")
    before = lines(own_home)
    for folder, more in (("other", {}), ("run", {"changed": True})):
        with pytest.raises(PrivacyError, match="earlier runs protected one row, this one would protect all rows of one who"):
            mm.run(persons, out=tmp_path / folder, **more)
    assert lines(own_home) == before


def test_check_says_left_where_a_run_would_go(tmp_path: Path, own_home: Path) -> None:
    """Of the same account by the same rule: nothing is left for another unit, and all is for a recipe that takes nothing."""
    given = mm.Recipe("shares", ops=[Share("real", sigma=10.0)], tables=recipe().tables)
    assert mm.check(given)["tables"]["real"]["budget"]["left"]
    mm.run(given, out=tmp_path / "run", report=False)
    told = mm.check(given)["tables"]["real"]["budget"]
    assert told["spent"] > 0 and not told["left"]
    half = mm.Recipe("shares", ops=[Share("real", share=0.5, sigma=10.0)], tables=recipe().tables)
    assert mm.check(half)["tables"]["real"]["budget"]["left"]
    half.tables["real"]["budget"]["person"] = "who"
    assert not mm.check(half)["tables"]["real"]["budget"]["left"], "the account began with rows"
    with pytest.raises(PrivacyError, match="earlier runs protected one row"):
        mm.run(half, out=tmp_path / "other", report=False)
    assert mm.check(recipe(epsilon=0.01))["tables"]["real"]["budget"]["left"], "its step says that it takes no share"


def test_what_is_taken_of_a_holdout_is_refused_before_any_call_too(tmp_path: Path, own_home: Path) -> None:
    """Rows that were set aside have the account of their table."""

    def of_holdout() -> mm.Recipe:
        return mm.Recipe("aside", ops=[Share("holdout", sigma=2.6)], tables=recipe().tables, target="sum")

    mm.run(of_holdout(), out=tmp_path / "run", report=False)
    assert [t["budget"]["left"] for t in mm.check(of_holdout())["tables"].values()] == [False, False]
    before = lines(own_home)
    with pytest.raises(PrivacyError, match="this run would take 3 more"):
        mm.run(of_holdout(), out=tmp_path / "other", report=False)
    assert lines(own_home) == before


def test_a_release_for_rows_is_not_recalled_as_one_for_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = {r["sum"] for r in mm.run(recipe(), out=tmp_path / "run").rows()}
    persons = recipe()
    persons.tables["real"]["budget"]["person"] = "who"
    with pytest.raises(MintmarkError, match="changed"):
        mm.run(persons, out=tmp_path / "run")
    monkeypatch.setenv("MINTMARK_HOME", str(tmp_path / "another"))
    made = mm.run(persons, out=tmp_path / "run", changed=True)
    assert len(first) == 2 and not {r["sum"] for r in made.rows()} & first
    (told,) = made.manifest["releases"]
    assert told["unit"] == "all rows of one who and one row" and told["releases"] == 4


def test_other_parameters_are_another_release_and_the_first_still_counts(tmp_path: Path, own_home: Path) -> None:
    mm.run(recipe(), out=tmp_path / "run")
    made = mm.run(recipe(sigma=6.0), out=tmp_path / "run", changed=True)
    (told,) = made.manifest["releases"]
    assert told["releases"] == 4 and told["sigma"] == [5.0, 6.0] and len([x for x in lines(own_home) if "mu" in x]) == 4
    for change in ({"epsilon": 4.0}, {"delta": 1e-7}):
        other = recipe(sigma=6.0)
        other.tables["real"]["budget"] |= change
        with pytest.raises(MintmarkError, match="changed"):
            mm.run(other, out=tmp_path / "run")


def test_a_resumed_run_writes_again_what_the_account_has_lost(tmp_path: Path, own_home: Path) -> None:
    """Also a kill between journal and account: a copy of the folder from before could draw again under that charge."""
    mm.run(recipe(), out=tmp_path / "run")
    (file,) = (own_home / "spending").iterdir()
    whole = lines(own_home)
    for kept in ([], whole[:1], whole[:3]):
        file.write_text("".join(json.dumps(x) + "\n" for x in kept))
        for part in (tmp_path / "run" / "rows").iterdir():
            part.unlink()
        mm.run(recipe(), out=tmp_path / "run")
        assert [(x["id"], x.get("mu"), x.get("done")) for x in lines(own_home)] == [(x["id"], x.get("mu"), x.get("done")) for x in whole]


@pytest.mark.parametrize(
    ("sigma", "values", "sensitivity"),
    [(0.0, [1.0], 1.0), (math.nan, [1.0], 1.0), (math.inf, [1.0], 1.0), (1.0, [math.nan], 1.0), (1.0, [1.0], 0.0), (1.0, [1.0], -1.0)],
)
def test_a_release_that_hides_nothing_is_refused(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, sigma: float, values: list[float], sensitivity: float
) -> None:
    async def ready(self: Sums, ctx: Context, state: State | None = None) -> None:
        await ctx.release("sum", self.source, values, sigma=sigma, about=0, sensitivity=sensitivity)

    monkeypatch.setattr(Sums, "ready", ready)
    with pytest.raises(PrivacyError, match="above 0 and finite"):
        mm.run(recipe(), out=tmp_path / "run")
    assert not list(own_home.rglob("*.jsonl"))


def test_rows_of_nobody_are_refused() -> None:
    given = recipe()
    given.tables["real"]["path"][3]["who"] = None
    given.tables["real"]["budget"]["person"] = "who"
    with pytest.raises(RecipeError, match="1 rows of 'who' have no value: whose they are is not known"):
        mm.check(given)


@pytest.mark.parametrize("other", ["ANN", " Ann", "Ann\u00a0", "A\u200bnn", "Ａnn"])
def test_a_person_under_two_spellings_is_refused(other: str) -> None:
    """Each would be protected as a person of its own."""
    given = recipe()
    given.tables["real"]["path"][3]["who"], given.tables["real"]["path"][4]["who"] = "Ann", other
    given.tables["real"]["budget"]["person"] = "who"
    with pytest.raises(RecipeError, match="1 values of 'who' differ from another only in case, blanks") as error:
        mm.check(given)
    assert "nn" not in str(error.value).replace("cannot", ""), "no private value is quoted"


@pytest.mark.parametrize("how", ["rows", "columns", "names", "types", "file"])
def test_the_same_data_in_another_form_has_the_same_account(tmp_path: Path, own_home: Path, how: str) -> None:
    sigma, given = sigma_for(3.0, 1e-6, releases=2), recipe()
    real = given.tables["real"]["path"]
    form = {
        "rows": real[::-1],
        "columns": [{"who": r["who"], "n": r["n"]} for r in real],
        "names": [{"n": r["n"], "patient": r["who"]} for r in real],
        "types": [{"n": int(r["n"]), "who": str(r["who"])} for r in real],
        "file": str(tmp_path / "real.csv"),
    }[how]
    (tmp_path / "real.csv").write_bytes(b"\xef\xbb\xbfn,who\r\n" + b"".join(b"%d,%d\r\n" % (r["n"], r["who"]) for r in real))
    assert mm.run(recipe(sigma=sigma), out=tmp_path / "run").status == "complete"
    table = {**given.tables["real"], "path": form}
    refused = mm.run(mm.Recipe("other", ops=[Sums("real", sigma=sigma)], tables={"real": table}), out=tmp_path / "other", report=False)
    assert refused.exit_code == 3 and "privacy budget is used up" in refused.reason and len(lines(own_home)) == 4
    told = mm.spent(form, delta=1e-6)
    assert told["releases"] == 2 and len(told["runs"]) == 1


def test_pages_that_are_shared_tell_neither_count_nor_hash_of_the_table(tmp_path: Path) -> None:
    """By either, whoever knows all other rows could see whether one is in the table: a recipe's hash holds the contents of its tables."""
    given = recipe(people=4_837)
    made = mm.run(given, out=tmp_path / "run")
    digest, hash_ = made.manifest["releases"][0]["data"], made.manifest["recipe_hash"]
    for name in ("README.md", "report.html", "prov.json", "croissant.json", "data.jsonl", "recipe.yaml"):
        text = (tmp_path / "run" / name).read_text()
        assert digest not in text and hash_[:12] not in text and not re.search(r"\b4,?837\b", text), name
    raw = (tmp_path / "run" / "data.parquet").read_bytes()
    assert digest.encode() not in raw and hash_.encode() not in raw


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({"epsilon": 0, "delta": 1e-6}, "epsilon is 0, expected more than 0"),
        ({"epsilon": -1, "delta": 1e-6}, "expected more than 0"),
        ({"epsilon": 1, "delta": 1 / 40}, "less than 1 / 40 .rows."),
        ({"epsilon": 1, "delta": 0.05, "person": "who"}, "less than 1 / 20 .people."),
        ({"epsilon": 1, "delta": 0}, "delta is 0"),
        ({"epsilon": "1", "delta": 0.001}, "expected a number"),
        ({"epsilon": math.nan, "delta": 1e-6}, "expected more than 0"),
        ({"epsilon": math.inf, "delta": 1e-6}, "expected more than 0"),
        ({"epsilon": 1, "delta": math.nan}, "delta is nan"),
        ({"epsilon": True, "delta": 1e-6}, "expected a number"),
        ({"epsilon": 1}, "expected {epsilon: 1, delta: 1e-6}"),
        ({"epsilon": 1, "delta": 1e-6, "person": "whom"}, "Did you mean 'who'"),
    ],
)
def test_budgets_that_protect_nobody_are_refused(budget: Any, words: str) -> None:
    given = recipe()
    given.tables["real"]["budget"] = budget
    with pytest.raises(RecipeError, match=words):
        mm.check(given)


def test_a_table_without_budget_gives_nothing(tmp_path: Path) -> None:
    given = mm.Recipe("bare", ops=[Sums("real")], tables={"real": {"path": [{"n": float(k)} for k in range(40)], "private": True}})
    with pytest.raises(RecipeError, match="has no privacy budget"):
        mm.run(given, out=tmp_path / "run")


def test_store_holds_no_private_value(tmp_path: Path) -> None:
    mm.run(recipe(), out=tmp_path / "run")
    store = FolderStore(tmp_path / "run", readonly=True)
    found = [a for a in store.answers() if a.port == "release"]
    store.close()
    assert len(found) == 2 and all(b"7654321" not in a.request for a in found)


def test_budget_tells_what_all_runs_have_spent(tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "real.jsonl").write_text("".join(json.dumps({"n": 1.0 * (i == 0), "who": i}) + "\n" for i in range(40)))
    real = {"path": str(tmp_path / "real.jsonl"), "budget": {"epsilon": 3.0, "delta": 1e-6}}
    none = mm.spent(tmp_path / "real.jsonl", delta=1e-6)
    assert none["runs"] == [] and none["epsilon"] == 0 and not own_home.exists(), "asking makes no account"
    for k in range(2):
        last = mm.run(mm.Recipe("released", ops=[Sums("real")], tables={"real": real}), out=tmp_path / f"run{k}", report=False)
    (file,) = (own_home / "spending").iterdir()
    file.write_bytes(file.read_bytes() + b'{"id": "torn')
    before = file.read_bytes()
    told = mm.spent(tmp_path / "real.jsonl", delta=1e-6)
    assert told["epsilon"] == pytest.approx(last.manifest["releases"][0]["epsilon_all_runs"]) and told["releases"] == 4
    assert [r["releases"] for r in told["runs"]] == [2, 2] and told["runs"][0]["steps"] == ["sums"] and told["file"] == str(file)
    assert told["epsilon"] < sum(r["epsilon"] for r in told["runs"]) and file.read_bytes() == before
    done = mintmark("budget", tmp_path / "real.jsonl", "--delta", "1e-6", cwd=tmp_path)
    assert done.returncode == 0 and f"spent: epsilon {upward(told['epsilon'])} at delta 1e-06 in 4 releases" in done.stdout, done.stderr
    assert mintmark("budget", tmp_path / "real.jsonl", "--delta", "2", cwd=tmp_path).returncode == 2


def test_a_library_that_cannot_be_loaded_is_found_out_before_the_budget_is_charged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies there and its import fails: the run was refused after the account had been charged."""
    (tmp_path / "opendp").mkdir()
    (tmp_path / "opendp" / "__init__.py").write_text("raise OSError('libopendp.so: cannot open shared object file')")
    for name in [n for n in sys.modules if n.partition(".")[0] == "opendp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(MissingExtra, match=r"pip install 'mintmark\[dp\]'"):
        require()
