"""What a user sees at once if it is lost: how numbers and times are written, shares of spikes beside rare words, dependencies, identifiers."""

from __future__ import annotations

import datetime
import random
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.stats.cart import TableModel
from mintmark.stats.impute import Imputer
from mintmark.stats.parts import Mixed, Numeral, Plain, part_of
from mintmark.stats.relations import Relations
from mintmark.stats.serial import Serial
from mintmark.text.expr import Expr
from mintmark.text.ngram_model import NgramModel

RNG = random.Random(0)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["12,50", "3,00", "-7,25"], [12.5, 3.0, -7.25]),
        (["1.234,50", "12,00", "999.999,10"], [1234.5, 12.0, 999999.1]),
        (["$1,200.00", "-$3.50", "$0.99"], [1200.0, -3.5, 0.99]),
        (["85 %", "7 %", "100 %"], [85, 7, 100]),
        (["0,125", "1,500"], [0.125, 1.5]),
        (["1,234", "12", "999,000"], [1234, 12, 999000]),
        (["1'234.50", "999.00"], [1234.5, 999.0]),
        (["1.000,00 €", "12,50 €"], [1000.0, 12.5]),
        (["12,50", "n/a", "7,25"], [12.5, None, 7.25]),
    ],
)
def test_numbers_as_people_write_them(cells: list[str], numbers: list[Any]) -> None:
    part = part_of("x", cells)
    assert isinstance(part, Mixed) and part.apart(cells)["x"] == numbers and part.join(part.apart(cells)) == cells


@pytest.mark.parametrize(
    "codes",
    [
        ["01234", "12345", "99999"],  # postcodes
        ["555 123 456", "555 123 457"],
        ["10.0.0.1", "10.0.0.2"],
        ["1,2", "1,2,3", "2,3"],  # several answers
        ["$5", "€7"],
        ["00,5", "1,2"],
        ["Q1", "Q2"],
    ],
)
def test_what_only_looks_like_numbers(codes: list[str]) -> None:
    assert part_of("x", codes) == Plain("x")


@given(
    st.floats(-1e9, 1e9),
    st.sampled_from([Numeral(",", "."), Numeral(".", ",", "$", "", 2), Numeral(",", "", "", " %"), Numeral(".", "\u202f")]),
)
def test_a_number_reads_back(value: float, form: Numeral) -> None:
    value = round(value, 2 if form.decimals is None else form.decimals)
    assert form.read(form.write(value)) == value


def test_made_numbers_are_written_alike_and_no_copies() -> None:
    cells = [f"{RNG.lognormvariate(3, 1):.2f}".replace(".", ",") for _ in range(2_000)]
    made = TableModel.fit({"fare": cells, "y": [i % 3 for i in range(2_000)]}, seed=0).sample(2_000, 1)["fare"]
    assert all(len(c.partition(",")[2]) == 2 for c in made)
    mean = [sum(float(c.replace(",", ".")) for c in some) / 2_000 for some in (cells, made)]
    assert abs(mean[1] / mean[0] - 1) < 0.05 and len(set(made)) > 800, "before: the few values that three rows shared"


def test_rules_reckon_with_them_and_write_them() -> None:
    price = [f"{RNG.randrange(100, 9_900) / 100:.2f}".replace(".", ",") for _ in range(500)]
    count = [RNG.randrange(1, 9) for _ in range(500)]
    total = [f"{float(p.replace(',', '.')) * c:.2f}".replace(".", ",") for p, c in zip(price, count, strict=True)]
    table = {"price": price, "count": count, "total": total}
    made = TableModel.fit(table, derived={"total": Expr("price * count", ("price", "count", "total"))}, seed=0).sample(300, 0)
    for p, c, t in zip(*made.values(), strict=True):
        assert t == f"{round(float(p.replace(',', '.')) * c, 2):.2f}".replace(".", ",")


def test_offsets_go_with_the_season() -> None:
    from zoneinfo import ZoneInfo

    berlin, start = ZoneInfo("Europe/Berlin"), datetime.datetime(2023, 1, 1)
    cells = [(start + datetime.timedelta(minutes=RNG.randrange(600_000))).replace(tzinfo=berlin).isoformat() for _ in range(3_000)]
    made = TableModel.fit({"at": cells}, seed=0).sample(2_000, 0)["at"]
    right = sum(
        datetime.datetime.fromisoformat(c).utcoffset() == datetime.datetime.fromisoformat(c[:19]).replace(tzinfo=berlin).utcoffset()
        for c in made
    )
    assert right > 0.97 * len(made), "before: all had the commonest"


def test_a_stay_ends_on_the_steps_of_time_that_real_ones_do() -> None:
    start = [datetime.datetime(2024, 1, 1) + datetime.timedelta(minutes=15 * RNG.randrange(20_000)) for _ in range(800)]
    end = [(s + datetime.timedelta(minutes=15 * RNG.randrange(1, 90))).isoformat(timespec="minutes") for s in start]
    table = {"a": [s.isoformat(timespec="minutes") for s in start], "b": end}
    made = TableModel.fit(table, must=[Expr("b >= a", ("a", "b"))], seed=0).sample(800, 0)
    assert all(len(b) == 16 and b[-2:] in ("00", "15", "30", "45") and b >= a for a, b in zip(made["a"], made["b"], strict=True))


def test_rare_words_steer_no_tree() -> None:
    """A column of words that hardly any two rows share told each row's answer, and the made rows, which hold other words, had other shares."""
    words = [f"w{RNG.randrange(700)}" for _ in range(2_000)] + [f"own {i}" for i in range(1_000)]
    RNG.shuffle(words)
    spike = [0 if RNG.random() < 0.3 else round(RNG.lognormvariate(5, 1), 2) for _ in words]
    shares = []
    for seed in range(3):
        made = TableModel.fit({"word": words, "spike": spike}, seed=seed, text=()).sample(3_000, seed)["spike"]
        shares.append(made.count(0) / 3_000)
    assert abs(sum(shares) / 3 - spike.count(0) / 3_000) < 0.02


def test_a_city_keeps_region_and_country() -> None:
    city = [RNG.randrange(400) for _ in range(3_000)]
    table = {
        "country": [f"k{c // 40}" for c in city],
        "region": [f"r{c // 8}" for c in city],
        "x": [RNG.random() for _ in city],
        "city": [f"c{c}" for c in city],
    }
    made = TableModel.fit(table, seed=0, text=()).sample(3_000, 0)
    for place, country, region in zip(made["city"], made["country"], made["region"], strict=True):
        assert (country, region) == (f"k{int(place[1:]) // 40}", f"r{int(place[1:]) // 8}")


def test_what_chance_gives_is_no_lookup() -> None:
    """Of 2,000 rows with 900 words, a flag that three rows have agrees within nearly all words by itself."""
    words = [f"w{i % 900}" for i in range(2_000)]
    model = TableModel.fit(
        {"word": words, "flag": [i in (0, 900, 1_800) for i in range(2_000)], "y": [RNG.random() for _ in words]}, seed=0, text=()
    )
    assert not any("looked up" in n for n in model.notes)


def test_identifiers_stay_of_their_kind() -> None:
    made = Serial([str(uuid.UUID(int=RNG.getrandbits(128))) for _ in range(50)], 0).make(0, 50)
    assert len({uuid.UUID(m) for m in made}) == 50
    made = Serial([f"PAT-{i:06d}" for i in range(50)], 0).make(0, 2_000)
    assert all(m.startswith("PAT-") for m in made) and len(set(made)) == 2_000
    assert len({m[-4:] for m in Serial([f"DE{RNG.getrandbits(66):020d}" for _ in range(50)], 0).make(0, 99)}) > 90, "no counting upwards"


def test_telephone_numbers_are_made_where_no_text_can_be() -> None:
    phones = [f"+49 {RNG.randrange(150, 179)} {RNG.randrange(10**6, 10**7)}" for _ in range(400)]
    model = TableModel.fit({"phone": phones, "y": [i % 2 for i in range(400)]}, seed=0, text_model=NgramModel.fit)
    made = model.sample(400, 0)["phone"]
    assert len(set(made)) == 400 and not set(made) & set(phones) and all(m.startswith("+49 1") for m in made)
    assert any("no new text" in n for n in model.notes)
    long = [f"{' '.join(f'w{i}' for i in range(60))} {k}" for k in range(60)]
    with pytest.raises(ValueError, match="leave it out"):
        TableModel.fit({"note": long, "y": [i % 2 for i in range(60)]}, seed=0, text_model=NgramModel.fit)


def test_keys_that_are_numbers_are_told() -> None:
    keys = RNG.sample(range(1_000_000, 1_002_000), 1_500)
    spread = RNG.sample(range(10**9), 1_500)
    model = TableModel.fit({"client": keys, "micro": spread, "y": [i % 7 for i in range(1_500)]}, seed=0)
    assert ["client" in n for n in model.notes if "name it in unique" in n] == [True]


def test_too_few_rows_for_two_leaves_is_told() -> None:
    table = {"a": [RNG.random() for _ in range(30)], "b": [i % 2 for i in range(30)]}
    assert any("drawn by itself" in n for n in TableModel.fit(table, seed=0).notes)
    assert not any("drawn by itself" in n for n in TableModel.fit(table, seed=0, min_leaf=5).notes)


def test_a_rule_that_real_rows_cannot_always_be_computed_by() -> None:
    height = [0 if RNG.random() < 0.06 else RNG.randrange(150, 200) for _ in range(1_500)]
    table: dict[str, list[Any]] = {"w": [round(RNG.gauss(75, 12), 1) for _ in height], "h": height}
    table["bmi"] = [round(w / (h / 100) ** 2, 1) if h else None for w, h in zip(table["w"], height, strict=True)]
    model = TableModel.fit(table, derived={"bmi": Expr("w / (h / 100) ** 2", tuple(table))}, seed=0)
    made = model.sample(1_500, 0)
    assert abs(made["h"].count(0) - height.count(0)) < 15, "before: rows of height 0 were drawn again until there were none"
    assert all((b is None) == (h == 0) for b, h in zip(made["bmi"], made["h"], strict=True)) and any(
        "cannot be computed" in n for n in model.notes
    )


def test_an_equality_holds_as_its_column_is_rounded() -> None:
    price = [RNG.randrange(1_000, 99_000) / 1_000 for _ in range(800)]
    table = {"price": price, "n": [RNG.randrange(1, 9) for _ in price]}
    table["total"] = [round(p * n, 2) for p, n in zip(price, table["n"], strict=True)]
    for derived in ({}, {"total": Expr("price * n", tuple(table))}):
        model = TableModel.fit(table, derived=derived, must=[Expr("price * n == total", tuple(table))], seed=0)
        made = model.sample(800, 0)
        assert all(t == round(p * n, 2) for p, n, t in zip(*made.values(), strict=True)) and not model.notes
        assert sum(round(p, 2) != p for p in made["price"]) > 500, "before: only prices whose product needs no rounding were left"


def test_a_condition_that_no_row_holds_is_refused_with_the_reason() -> None:
    table: dict[str, list[Any]] = {"a": [1, 2, 3] * 20, "c": ["x", "y", "z"] * 20}
    for text, words in (("a > 5", "no real row holds a > 5"), ("c + 1 > 2", "arithmetic with something else")):
        with pytest.raises(ValueError, match=words):
            Relations(table, {}, [Expr(text, tuple(table))], [])


def test_cells_that_are_missing_together_are_filled_from_what_is_there() -> None:
    x = [RNG.gauss(0, 1) for _ in range(1_200)]
    gone = [RNG.random() < 0.3 for _ in x]
    whole = [2 * v + RNG.gauss(0, 0.1) for v in x]
    table: dict[str, list[Any]] = {"x": x, "y": [None if g else w for g, w in zip(gone, whole, strict=True)]}
    table["z"] = [None if y is None else y + RNG.gauss(0, 0.01) for y in table["y"]]
    model = Imputer(table, ["y", "z"])
    errors = [abs(model.fill({"x": x[i], "y": None, "z": None}, i)["y"] - whole[i]) for i in range(1_200) if gone[i]]
    assert sum(errors) / len(errors) < 0.3, "before: 1.8, as if nothing were known of the row"
