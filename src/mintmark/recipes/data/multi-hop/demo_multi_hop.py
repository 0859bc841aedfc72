"""Stands in for a language model so that multi-hop.yaml runs offline. Its questions are canned; a real model writes its own.

It asks about a fact of the first passage and one of the second; for other documents it leaves a blank in a sentence of each. As the reader it
knows an answer only if it is shown both quotes. Some questions are faulty, as a model's are: one passage is enough for them.
"""

import json
import re

FACTS = [  # quote from the first passage, quote from the second, question, answer
    ("The crossing takes 50 minutes", "is called Hanna Brook", "How long does a crossing on the Hanna Brook take?", "50 minutes"),
    (
        "carries 140 passengers",
        "twice in winter",
        "How many can leave Port Elm on the Hanna Brook on a winter's day, every seat taken?",
        "280",
    ),
    ("costs 9 euros", "The market of Lower Town", "What does the ferry cost somebody who goes to the market of Lower Town?", "9 euros"),
    ("in 1790 there were 74 boats", "in 1991", "How many years after the count of 74 boats did the last keeper leave?", "201"),
    ("a storm broke the harbour wall", "of red granite", "Of what stone is the wall that a storm broke in 1921?", "red granite"),
    ("two wind wheels on the ridge", "It has 420 inhabitants", "How many live in the village that two wind wheels supply?", "420"),
    ("stands on Gull Head", "after the first woman", "On which headland stands the tower whose keeper gave a ferry its name?", "Gull Head"),
    ("left the tower in 1991", "after 1868", "Did the last keeper leave before or after the herring stayed away?", "after"),
    ("Tickets are sold at the bakery", "borrow at the bakery", "Where does one get a glass for the seals and tower tickets?", "the bakery"),
    ("Between March and June", "on each side of low water", "What is open by the tide when the reserve is shut by season?", "the causeway"),
    ("passable for two hours", "nobody may enter it", "A walk to Kittle hangs on the tide. What hangs on the season?", "the reserve"),
    ("the gallery of the lighthouse", "164 steps to the gallery", "How many steps lead to the best view of the seals?", "164"),
    ("It has 420 inhabitants", "of the Dahl family", "How many people live in the village where the Dahl family sells eel?", "420"),
    ("is held on Thursdays", "the only village on Sandrey", "On which day is the market in the only village of Sandrey?", "Thursdays"),
    ("whenever the post office is", "Her logbooks lie in", "Whose hours decide when one can read Hanna Brook's logs?", "the post office"),
]
ONE_HOP = ("9 euros", "Thursdays")  # answers for which the first quote is enough


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    shown = [json.loads(line) for line in prompt.splitlines() if line.startswith('"')]
    asked = re.search(r"^Question: (.*)$", prompt, re.MULTILINE)
    if asked:  # the reader, shown one passage or both
        return json.dumps({"answer": read(json.loads(asked[1]), " ".join(shown))})
    first, second = shown
    found = next((f for f in FACTS if f[0] in first and f[1] in second), None) or fill(first, second)
    return json.dumps(dict(zip(("quote", "second_quote", "question", "answer"), found, strict=True)))


def read(question, text):
    for one, two, asked, told in FACTS:
        if asked == question:
            return told if one in text and (two in text or told in ONE_HOP) else None
    starts = re.fullmatch(r"Which words are missing: (.*) ____, and (.*) ____\?", question, re.DOTALL)
    after = [text.partition(s + " ")[2].split() for s in (starts.groups() if starts else ())]
    return " and ".join(a[0].rstrip(".!?") for a in after) if after and all(after) else None


def fill(first, second):
    """The last sentence of each with its last word left out."""
    quotes = [re.split(r"(?<=[.!?])\s+", text.strip())[-1] for text in (first, second)]
    (a, _, x), (b, _, y) = (q.rstrip(".!?").rpartition(" ") for q in quotes)
    return (*quotes, f"Which words are missing: {a} ____, and {b} ____?", f"{x} and {y}")
