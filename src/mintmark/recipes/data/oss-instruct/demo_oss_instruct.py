"""Stands in for a language model so that oss-instruct.yaml runs offline: it builds problems by rules. A real model invents its own.

From a snippet with a documented function it makes a problem about many values of it, and a solution that does run. As models do, it now and
then speaks of the snippet, which the reader has not seen.
"""

import json
import random
import re

# what is asked of many values, and the function that does it
TASKS = [
    (
        "Write a function `{name}_all(rows)` that takes a list of argument tuples and returns the list of results, in the same order.",
        "def {name}_all(rows):\n    return [{name}(*row) for row in rows]",
        "A list comprehension keeps the order, and `*row` hands over each tuple's values.",
    ),
    (
        "Write a function `{name}_table(rows)` that takes a list of argument tuples and returns a dictionary from each tuple to its result.",
        "def {name}_table(rows):\n    return {{row: {name}(*row) for row in rows}}",
        "A tuple can be a key; of equal tuples one entry is left.",
    ),
    (
        "Write a function `{name}_safely(rows, default=None)` that returns the result for each argument tuple, and the default where it fails.",
        "def {name}_safely(rows, default=None):\n    out = []\n    for row in rows:\n        try:\n            out.append({name}(*row))\n"
        "        except (TypeError, ValueError):\n            out.append(default)\n    return out",
        "Only the two kinds of error that wrong input causes are caught, so that a real fault still shows.",
    ),
    (
        "Write a function `{name}_counts(rows)` that counts how often each result comes up in a list of argument tuples.",
        "from collections import Counter\n\n\ndef {name}_counts(rows):\n    return Counter({name}(*row) for row in rows)",
        "Counter does the counting; results that never come up have the count 0.",
    ),
]


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    snippet = json.loads(prompt.partition("Snippet:\n")[2].splitlines()[0])
    rng = random.Random(f"{request.seed} {snippet}")
    found = re.search(r'def (\w+)\((.*?)\):\n    """(.*?)"""', snippet)
    if not found or rng.random() < 0.07:
        return json.dumps(
            {"problem": "Explain in your own words what the snippet prints, and why, line by line.", "solution": "It depends."}
        )
    name, arguments, does = found.groups()
    ask, code, why = rng.choice(TASKS)
    problem = f"A function `{name}({arguments})` {does}. Write it. Then: {ask.format(name=name)}"
    parts = code.format(name=name).rpartition("\n\n\n")  # an import goes to the top
    solution = "\n\n\n".join(p for p in (parts[0], snippet, parts[2]) if p)
    return json.dumps({"problem": problem, "solution": f"```python\n{solution}\n```\n{why}"})
