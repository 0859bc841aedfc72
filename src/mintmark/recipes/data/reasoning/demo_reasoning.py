"""Stands in for a language model so that reasoning.yaml runs offline. Its problems are canned; a real model writes its own.

It writes a problem, its solution, a program, the answer, and (as judge) the answer that a solution leads to, each from the numbers in the
problem. As models do, it now and then miscalculates, takes a wrong step, or states another answer: the checks of the recipe find that.
"""

import json
import random
import re

NAMES = ["Ines", "Karim", "Olga", "Pavel", "Sana", "Teo", "Ulla", "Viktor"]
# place -> problem with three numbers, in the order a, b, c; steps: (name, left, operation, right), what is said of each
PROBLEMS = {
    "market": (
        "{name} buys {a} boxes with {b} pears each at the market and gives {c} pears to the neighbours. How many pears are left?",
        [("bought", "a", "*", "b", "pears are in the boxes"), ("left", "bought", "-", "c", "pears are left")],
    ),
    "garden": (
        "{name} plants {a} rows of {b} lettuces in the garden. Slugs eat {c} of them. What do the others bring at 2 euros each?",
        [
            ("planted", "a", "*", "b", "lettuces are planted"),
            ("others", "planted", "-", "c", "are not eaten"),
            ("euros", "others", "*", "2", "euros come in"),
        ],
    ),
    "railway": (
        "A railway train goes {a} kilometres an hour for {b} hours and then {c} kilometres more on a side line. How far does {name} travel in it?",
        [("main", "a", "*", "b", "kilometres are on the main line"), ("whole", "main", "+", "c", "kilometres are the whole way")],
    ),
    "bakery": (
        "In the bakery {name} bakes {a} trays of {b} rolls. At closing time {c} rolls lie there still. How many were sold?",
        [("baked", "a", "*", "b", "rolls are baked"), ("sold", "baked", "-", "c", "rolls are sold")],
    ),
    "library": (
        "In the library there are {a} shelves with {b} books each, and {c} books are lent out. How many books does {name} look after?",
        [("shelved", "a", "*", "b", "books stand on the shelves"), ("books", "shelved", "+", "c", "books belong to the library")],
    ),
    "cinema": (
        "A cinema has {a} rows of {b} seats, and {c} seats are broken. What does {name} take when it is full, at 9 euros a seat?",
        [
            ("seats", "a", "*", "b", "seats are there"),
            ("good", "seats", "-", "c", "seats can be sold"),
            ("euros", "good", "*", "9", "euros come in"),
        ],
    ),
}


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    rng = random.Random(f"{request.seed} {prompt}")
    if "Write one word problem" in prompt:
        place = next((p for p in PROBLEMS if p in prompt), "market")
        low, high = (21, 99) if "100" in prompt else (3, 19)
        a, b = rng.randint(low, high), rng.randint(low, high)
        c = rng.randint(low, min(high, a * b - 1))
        return PROBLEMS[place][0].format(name=rng.choice(NAMES), a=a, b=b, c=c)
    if request.schema:  # the judge: where does the reasoning lead?
        return json.dumps({"answer": re.findall(r"\d+", prompt.partition("Reasoning:")[2])[-1]})
    question = next(line for line in prompt.splitlines() if line.endswith("?"))
    steps = next(s for place, (_, s) in PROBLEMS.items() if place in question)
    known = dict(zip("abc", re.findall(r"\d+", question), strict=False))
    flaw = random.Random(question).random()
    if "small program" in prompt:
        return "```\n" + "\n".join(f"{n} = {known.get(x, x)} {op} {known.get(y, y)}" for n, x, op, y, _ in steps) + "\n```"
    said, right, wrong = [], dict(known), dict(known)
    for k, (name, x, op, y, words) in enumerate(steps):
        right[name] = str(calculate(right[x], op, right.get(y, y)))
        if flaw < 0.1 and k == 1:
            op = {"-": "+", "+": "-"}.get(op, op)  # a wrong step, rightly calculated
        value = calculate(wrong[x], op, wrong.get(y, y)) + (10 if 0.1 <= flaw < 0.2 and k == 0 else 0)  # a right step, wrongly
        said.append(f"{wrong[x]} {op} {wrong.get(y, y)} = <<{wrong[x]}{op}{wrong.get(y, y)}={value}>>{value} {words}.")
        wrong[name] = str(value)
    if "The answer alone" in prompt:
        return str(int(right[name]) + (1 if flaw > 0.92 else 0))
    return "\n".join(said)


def calculate(x, op, y):
    return {"*": int(x) * int(y), "+": int(x) + int(y), "-": int(x) - int(y)}[op]
