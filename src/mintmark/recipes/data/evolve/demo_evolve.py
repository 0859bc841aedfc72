"""Stands in for a language model so that evolve.yaml runs offline. Its texts are canned; a real model writes its own.

It rewrites the task as the prompt asks, compares two tasks as the judge, and answers. As models do, it now and then changes only a word,
speaks of the prompt, or apologises: evolve eliminates such rows.
"""

import json
import random
import re

ADDED = {
    "constraint": [
        "Use at most 80 words.", "Do not use the letter combination 'very'.", "Give exactly three reasons.", "Write for a child of eight.",
        "Name one case in which the advice is wrong.",
    ],
    "depth and breadth": [
        "Say also what people got wrong about it in the past.", "Cover what it costs, what it needs and what can fail.",
        "Go into the causes before the effects.",
    ],
    "specific": [
        "Take the small harbour town of Elsmark in November as the setting.", "Assume that there are two adults and a dog.",
        "Use a budget of 35 euros as the example.",
    ],
    "several steps": [
        "List first what matters, rank it, and only then answer.", "Weigh two possibilities against each other before you choose.",
        "Say for each step why the obvious alternative is worse.",
    ],
    "input": [
        "Work from this table: | option | euros | days |\n| A | 12 | 3 |\n| B | 7 | 9 |",
        'Base it on this data: {"people": 14, "hours": 3, "euros": 60}',
        "Take these notes into account: 1. rain from noon; 2. two people come late; 3. one of them is five years old.",
    ],
}  # fmt: skip
MARKS = {
    "Add one more constraint": "constraint", "more depth and breadth": "depth and breadth", "more specific ones": "specific",
    "several steps of reasoning": "several steps", "Add an input": "input",
}  # fmt: skip
RARE = [
    "Explain how a weighbridge knows the weight of a moving lorry.", "Draft a sign for a museum of lost umbrellas.",
    "Work out how often the bells of two towers ring together, at every 6 and every 10 minutes.", "Compare a sundial with a water clock.",
    "Describe the work of a person who tunes church organs.", "Plan the last day of a travelling circus in a village.",
    "Give a rule for how many spare keys a house needs.", "Say how one would measure the depth of a well without a rope.",
]  # fmt: skip
ANSWERS = [
    "Begin with what is at hand and settle the order first.", "Two things decide here, time and place.",
    "Measure once, write it down, and compare with the day before.", "The one that can be undone is the better choice.",
    "A newcomer does well with the simplest form.", "Whoever has done it before can leave out the middle part.",
    "The cheapest step that tells the most comes before the rest.", "Ask somebody who lives with the result, not who sells it.",
]  # fmt: skip


def answer(request):
    asked = next(m["content"] for m in request.messages if m["role"] == "user")
    rng = random.Random(f"{request.seed} {asked}")
    tasks = re.findall(r"-----\n(.*?)\n-----", asked, re.DOTALL)
    if request.schema:  # the judge: a task that grew by fewer than three words gained nothing
        before, after = (set(json.loads(line).lower().split()) for line in asked.splitlines() if line.startswith('"'))
        return json.dumps({"equal": len(after - before) < 3})
    if not tasks:  # an evolved task to answer
        return "I am sorry, I cannot help with that." if rng.random() < 0.1 else " ".join(rng.sample(ANSWERS, 3))
    kind = next((k for mark, k in MARKS.items() if mark in asked), None)
    flaw = rng.random()
    if flaw < 0.1:
        return f"Please: {tasks[0]}"
    if flaw < 0.2:
        return f"Here is the rewritten prompt: {tasks[0]}"
    if kind is None:  # in breadth: another task altogether
        return rng.choice(RARE)
    fresh = [a for a in ADDED[kind] if a not in tasks[0]]
    return f"{tasks[0]} {rng.choice(fresh)}" if fresh else tasks[0]
