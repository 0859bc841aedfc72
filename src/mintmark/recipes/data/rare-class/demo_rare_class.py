"""Stands in for a language model so that rare-class.yaml runs offline. Its messages are canned; a real model writes its own.

As models do, it now and then writes what it has written before, or too much; balance then plans further rows of that class.
"""

import random
import re

CORES = {
    "timetable": [
        "at what time does the {n} leave from the market in the evening?", "is the {n} late every day this week?",
        "does any line go to the lake before eight?", "will the holiday timetable hold for line {n} too?",
        "how often does the {n} run at night?", "which bus meets the last train?",
    ],
    "ticket": [
        "the machine at {s} took ten euros and gave no ticket.", "how do I get the money for my unused pass back?",
        "the inspector did not accept the ticket on my phone.", "is a day ticket valid on line {n} as well?",
        "my pass has the wrong name on it.", "can children ride for half the price?",
    ],
    "safety": [
        "the door of the {n} closed while I was still stepping off.", "the driver of the {n} was texting all the way to {s}.",
        "the bus braked so sharply at {s} that two people fell.", "there is glass all over the shelter at {s}.",
        "the wheelchair ramp of the {n} is broken and nearly threw me off.", "the {n} drove over the crossing at {s} on red.",
        "a window of the {n} fell inwards in the bend.", "the lamp at {s} is out and the kerb cannot be seen.",
    ],
}  # fmt: skip
TONE = {
    "plain": ["", "For your information:"],
    "worried": ["I am worried:", "This frightens me:"],
    "angry": ["Again!", "This cannot go on:"],
    "friendly": ["Dear team,", "Hello everybody,"],
}
WHO = {
    "commuter": "I ride it to work.",
    "pupil": "We take it to school.",
    "pensioner": "At my age that matters.",
    "pram": "I had the pram with me.",
    "tourist": "We are here for a week.",
}


def answer(request):
    asked = request.messages[-1]["content"]
    kind, tone = re.search(r"about: (\w+)\. Tone: (\w+)", asked).groups()
    rng = random.Random(f"{request.row} {request.seed}")
    core = rng.choice(CORES[kind]).format(n=rng.choice([3, 7, 9, 14]), s=rng.choice(["Elm Street", "the bridge", "Old Market"]))
    flaw = rng.random()
    if flaw < 0.06:
        return f"{core} " * 8
    if flaw < 0.14:
        return CORES[kind][0].format(n=7, s="the bridge")
    tail = next(v for k, v in WHO.items() if k in asked.splitlines()[0])
    return f"{rng.choice(TONE[tone])} {core} {tail}".strip()
