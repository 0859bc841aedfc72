"""Stands in for a language model so that maths.yaml runs offline. Its problems are canned; a real model writes its own.

Every ask of a row draws the same problem. As models do, it now and then adds up wrongly, in the program, in a step or in the answer.
"""

import random

PEOPLE = ["Ada", "Bela", "Chen", "Dina", "Emil", "Fola", "Grete", "Hugo"]
THINGS = {
    "bakery": ("rolls", "customers"), "bus": ("tickets", "passengers"), "library": ("books", "classes"), "garden": ("cabbages", "beds"),
    "pool": ("tickets", "visitors"), "flea": ("postcards", "buyers"),
}  # fmt: skip


def problem(row, asked_first):
    """(question, program, solution, answer) of a row."""
    rng = random.Random(row)
    who, other = rng.sample(PEOPLE, 2)
    a, b, c = rng.randint(3, 12), rng.randint(4, 15), rng.randint(2, 9)
    thing, people = next((v for k, v in THINGS.items() if k in asked_first), ("apples", "friends"))
    if "cents" in asked_first:
        price, paid = rng.choice([0.35, 0.6, 1.25, 2.4]), 100
        q = f"{who} buys {a} {thing} at {price:.2f} euros each and {b} more at the same price. How much is left of {paid} euros?"
        cost = (a + b) * price
        steps = [f"({a}+{b})*{price}={cost:g}", f"{paid}-{cost:g}={paid - cost:g}"]
        return q, f"cost = ({a} + {b}) * {price}\n{paid} - cost", steps, f"{paid - cost:g}"
    if "percent" in asked_first:
        total, share = 20 * a, rng.choice([10, 20, 25, 50])
        gone = total * share / 100
        q = f"Of {total} {thing}, {who} hands {share} percent to {other} and then gets {b} new ones. How many {thing} does {who} have now?"
        steps = [f"{total}*{share}/100={gone:g}", f"{total}-{gone:g}={total - gone:g}", f"{total - gone:g}+{b}={total - gone + b:g}"]
        return q, f"given = {total} * {share} / 100\n{total} - given + {b}", steps, f"{total - gone + b:g}"
    q = f"{a} {people} take {b} {thing} each, and {who} brings {c} of them back to {other}. How many {thing} are gone?"
    return q, f"taken = {a} * {b}\ntaken - {c}", [f"{a}*{b}={a * b}", f"{a * b}-{c}={a * b - c}"], f"{a * b - c}"


def answer(request):
    asked = request.messages[-1]["content"]
    rng = random.Random(f"{request.row} {request.seed} {asked[:40]}")
    if asked.startswith("The final number"):
        last = asked.rsplit("=", 1)[1].split(">>")[0]
        return f"The answer is {float(last) + 10:g}." if rng.random() < 0.08 else last
    if asked.startswith("Write one word problem"):
        return problem(request.row, asked)[0]
    hint = "cents" if "euros" in asked else "percent" if "percent" in asked else ""
    hint += next((k for k, v in THINGS.items() if v[0] in asked and (hint or v[1] in asked)), "")
    _, program, steps, _ = problem(request.row, hint)
    if asked.startswith("Write the computation"):
        return program.replace("+", "-", 1) if rng.random() < 0.08 else f"```\n{program}\n```"
    words = ["First", "Then", "At last"]
    told = [f"{w}: <<{s}>>{s.split('=')[1]}." for w, s in zip(words, steps)]
    if rng.random() < 0.1:  # a wrong step, although the end is right
        told[0] = f"First: <<{steps[0].split('=')[0]}=7.5>>7.5."
    return " ".join(told)
