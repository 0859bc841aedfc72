"""children: every foreign key is valid, and both how many children there are and what they are like goes with the parent."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from mintmark.core.errors import InputError, RecipeError
from mintmark.stores.memory import MemoryStore


def tables(n: int = 700) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Shops buy often and much, people seldom and little."""
    rng = random.Random(4)
    customers: dict[str, list[Any]] = {"customer": [], "kind": [], "age": []}
    orders: dict[str, list[Any]] = {"order": [], "customer": [], "amount": [], "paid": []}
    for i in range(n):
        kind = rng.choice(["shop", "person"])
        for cells, value in zip(customers.values(), (f"C-{i:04d}", kind, rng.randrange(18, 80)), strict=True):
            cells.append(value)
        for _ in range(rng.randrange(3, 8) if kind == "shop" else rng.randrange(0, 3)):
            amount = round(rng.gauss(200, 20) if kind == "shop" else rng.gauss(30, 8), 2)
            row = (f"O{len(orders['order']):06d}", f"C-{i:04d}", amount, "later" if kind == "shop" and rng.random() < 0.7 else "now")
            for cells, value in zip(orders.values(), row, strict=True):
                cells.append(value)
    return customers, orders


def test_keys_are_valid_and_children_go_with_their_parents() -> None:
    customers, orders = tables()
    ops = [mm.generate.Synthesize("customers", unique=("customer",)), mm.generate.Children("orders", of="customers", key="customer")]
    run = mm.run(mm.Recipe("t", ops=ops, tables={"customers": customers, "orders": orders}), store=MemoryStore(), report=False)
    rows = run.rows()
    parents = mm.run(mm.Recipe("t", ops=ops[:1], tables={"customers": customers}), store=MemoryStore(), report=False).rows()
    assert {r["customer"] for r in rows} <= {p["customer"] for p in parents} and not {p["customer"] for p in parents} & set(
        customers["customer"]
    )
    assert len({r["order"] for r in rows}) == len(rows) == pytest.approx(len(orders["order"]), rel=0.1)
    of = {p["customer"]: p for p in parents}
    assert all(r["kind"] == of[r["customer"]]["kind"] and r["age"] == of[r["customer"]]["age"] for r in rows)
    many = Counter(r["customer"] for r in rows)
    counts = {k: [many[p["customer"]] for p in parents if p["kind"] == k] for k in ("shop", "person")}
    assert np.mean(counts["shop"]) == pytest.approx(5, abs=0.35) and np.mean(counts["person"]) == pytest.approx(1, abs=0.2)
    assert all(r["amount"] > 100 if r["kind"] == "shop" else r["amount"] < 80 for r in rows)
    shop = [r["paid"] == "later" for r in rows if r["kind"] == "shop"]
    assert np.mean(shop) == pytest.approx(0.7, abs=0.06) and not any(r["paid"] == "later" for r in rows if r["kind"] == "person")


def test_what_does_not_link_is_refused_or_told() -> None:
    customers, orders = tables(200)

    def go(customers: dict[str, list[Any]], orders: dict[str, list[Any]], **params: Any) -> Any:
        ops = [
            mm.generate.Read("customers"),
            mm.generate.Children.from_params({"from": "orders", "of": "customers", "key": "customer", **params}, "children"),
        ]
        return mm.run(mm.Recipe("t", ops=ops, tables={"customers": customers, "orders": orders}), store=MemoryStore(), report=False)

    orphan = {**orders, "customer": [f"X{i}" if i % 10 == 0 else c for i, c in enumerate(orders["customer"])]}
    assert any("name no parent" in str(f) for f in go(customers, orphan).manifest["facts"]["children"].values())
    with pytest.raises(InputError, match="must tell them apart"):
        go({**customers, "customer": ["C-0001"] * 200}, orders)
    with pytest.raises(InputError, match="0 children"):
        go(customers, {**orders, "customer": ["nobody"] * len(orders["order"])})
    with pytest.raises(RecipeError, match="nothing"):
        go(customers, orders, key="nothing")
    with pytest.raises(RecipeError, match="rename it"):
        go(customers, {**orders, "age": orders["amount"]})
