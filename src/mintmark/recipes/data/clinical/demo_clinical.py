"""Stands in for a language model so that clinical.yaml runs offline: it draws from the statistics that its prompt tells, column by column.

A real model would also make the values of a row fit together better than this one, which knows of weight and height only. As models do, it now and
then leaves a cell out, writes a word for a number, or goes far outside what is possible.
"""

import json
import random
import re


def answer(request):
    rng = random.Random(f"{request.row} {request.seed}")
    asked = request.messages[-1]["content"]
    columns = [line for line in asked.splitlines() if re.match(r"- \w+ \(", line)]
    rows = [{line.split()[1]: draw(line, rng) for line in columns} for _ in range(int(re.search(r"Make (\d+) rows", asked)[1]))]
    for row in rows:
        if "height_cm" in row and "weight_kg" in row:  # the tall are heavier
            row["weight_kg"] = round(row["weight_kg"] + 0.7 * (row["height_cm"] - 169), 1)
        fault = rng.random()
        if fault < 0.02:
            row["age"] = rng.choice(["adult", 170, None])
        elif fault < 0.03:
            del row["asa"]
    return json.dumps({"rows": rows})


def draw(line, rng):
    if "(one of its levels)" in line:
        levels = re.findall(r"(?:: |, )([^,;()]+) \(([\d.]+) %\)", line)
        value = rng.choices([name for name, _ in levels], [float(share) for _, share in levels])[0]
        return int(value) if value.isdigit() else value
    mean, sd = (float(re.search(rf"{word} (-?[\d.]+)", line)[1]) for word in ("mean", "standard deviation"))
    if line.startswith("- weight_kg"):  # what height explains comes on top
        sd = max(1.0, sd * sd - (0.7 * 9.5) ** 2) ** 0.5
    low, middle, high = (float(q) for q in re.search(r"quartiles ([\d.]+), ([\d.]+), ([\d.]+)", line).groups())
    skewed = (mean - middle) > 0.1 * sd and low > 0
    if skewed:  # a long right tail
        spread = (2 * max(mean / middle - 1, 0.01)) ** 0.5
        value = middle * rng.lognormvariate(0, spread)
    else:
        value = rng.gauss(mean, sd)
    bounds = re.search(r"from (-?[\d.]+) to (-?[\d.]+)", line)
    if bounds:
        value = min(max(value, float(bounds[1])), float(bounds[2]))
    return round(value) if "whole number" in line else round(value, 1)
