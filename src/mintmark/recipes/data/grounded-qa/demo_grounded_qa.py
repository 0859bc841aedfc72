"""Stands in for a language model so that grounded-qa.yaml runs offline. Its questions are canned; a real model writes its own.

It asks about a fact that the passage holds; for other documents it leaves a blank in a sentence. As the reader it knows an answer only if
the quote is in what it is shown. Some of its questions are faulty, as a model's are: vague, answered outside the quote, or known to everybody.
"""

import json
import random
import re

FACTS = [  # quote, question, answer
    ("The crossing takes 50 minutes", "How long does the ferry to Sandrey take?", "50 minutes"),
    ("six times a day in summer", "How often does the Sandrey ferry leave in summer?", "six times a day"),
    ("costs 9 euros and is valid for both ways", "What does a ticket for the Sandrey ferry cost?", "9 euros"),
    ("Islanders carry a green card and pay nothing", "What do islanders of Sandrey carry on the ferry?", "a green card"),
    ("It was built in 1987 at the yard in Norholt", "At which yard was the ferry Hanna Brook built?", "in Norholt"),
    ("the Swift, lies as a café in the harbour of Port Elm", "Which ship is a café in Port Elm today?", "the Swift"),
    ("Gull Head, the northern tip of the island", "On which headland does the lighthouse of Sandrey stand?", "Gull Head"),
    ("It was lit for the first time in 1854", "In which year was the lighthouse of Sandrey first lit?", "1854"),
    ("Aron Vell, left the tower in 1991", "Who was the last keeper of the lighthouse of Sandrey?", "Aron Vell"),
    ("Hanna Brook had kept the light for 33 years", "For how long did Hanna Brook keep the light?", "33 years"),
    ("open to visitors on Saturdays", "When is it open?", "on Saturdays"),
    ("It has 420 inhabitants", "How many people live in Lower Town on Sandrey?", "420"),
    ("a harbour wall of red granite", "Of what stone is the harbour wall of Lower Town?", "red granite"),
    ("is held on Thursdays", "On which day is the market of Lower Town?", "Thursdays"),
    ("It holds 6,000 books", "How many books does the library of Sandrey hold?", "six thousand"),
    ("Its librarian, Mira Oss, also plays the organ", "Who plays the organ on Sandrey?", "Mira Oss"),
    ("reserve for eider ducks", "What kind of animal is an eider?", "ducks"),
    ("the warden, Joost Amel, who counts the nests", "Who counts the eiders' nests on Sandrey?", "Joost Amel"),
    ("passable for two hours on each side of low water", "How long around low water can one walk to Kittle?", "two hours on each side"),
    ("a bell in it calls the lifeboat", "What does a bell in the hut on the causeway call?", "the lifeboat"),
    ("some 60 seals rest in August", "How many seals rest west of Kittle in August?", "60"),
    ("in 1790 there were 74 boats", "How many boats lay in the harbour of Sandrey in 1790?", "74"),
    ("Salt came from the pans at Norholt", "From where did the herring fishers of Sandrey get salt?", "the pans at Norholt"),
    ("9 November 1921 a storm broke the harbour wall", "When did a storm break the harbour wall of Sandrey?", "9 November 1921"),
    ("The wall was mended in four months", "How long did the mending of Sandrey's harbour wall take?", "four months"),
    ("two wind wheels on the ridge", "What makes the electricity of Sandrey?", "two wind wheels"),
]
KNOWN = {"What kind of animal is an eider?": "ducks"}  # what this model knows without reading


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    shown = " ".join(json.loads(line) for line in prompt.splitlines() if line.startswith('"'))
    asked = re.search(r"^Question: (.*)$", prompt, re.MULTILINE)
    if asked:  # the reader, or the closed book
        question = json.loads(asked[1])
        if question in KNOWN or "is it open" in question:
            return json.dumps({"answer": KNOWN.get(question)})
        found = next((a for quote, q, a in FACTS if q == question and quote in shown), None)
        return json.dumps({"answer": found or blank(shown, question)})
    rng = random.Random(f"{request.seed} {prompt}")
    facts = [f for f in FACTS if f[0] in shown]
    quote, question, told = rng.choice(facts) if facts else fill(shown)
    return json.dumps({"question": question, "answer": told, "quote": quote})


def fill(shown):
    """The last sentence with its last word left out."""
    sentence = re.split(r"(?<=[.!?])\s+", shown.strip())[-1]
    start, _, last = sentence.rstrip(".!?").rpartition(" ")
    return sentence, f"Which word is missing: {start} ____?", last


def blank(shown, question):
    start = re.search(r"^Which word is missing: (.*) ____\?$", question)
    after = shown.partition(start[1] + " ")[2] if start else ""
    return re.split(r"[\s.!?]", after)[0] or None
