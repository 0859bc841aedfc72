"""Stands in for a language model so that queries.yaml runs offline. Its queries are canned, its log-probabilities made up by rule.

As writer it gives a query for the last document of the prompt, with one log-probability a word. As judge it says yes or no by the words that
query and document share. As a model does, it now and then copies the document or asks beside the point.
"""

import json
import math
import random
import re

QUERIES = {  # words of the document -> what somebody would ask who looks for it
    "leaves from Port Elm": "From where and how often does a boat go to Sandrey, and what does fog change?",
    "costs 9 euros": "What does a day trip to the island by ferry cost, and who travels free?",
    "supply boat, which": "Can a car or goods be taken over to Sandrey, and by which boat?",
    "called Hanna Brook": "Which ship sails to Sandrey today, how large is it, and after whom is it named?",
    "Its predecessor": "What has become of the old ferry Swift?",
    "31 metres high": "How high is the lighthouse of Sandrey and how far can its light be seen?",
    "Her logbooks": "Which keeper of the lighthouse wrote logbooks, and where are they kept?",
    "last keeper": "Since when is the lighthouse without a keeper, and who were the last ones?",
    "164 steps": "When can visitors climb the lighthouse, and where are tickets sold?",
    "420 inhabitants": "How large is the village on Sandrey and what is there?",
    "held on Thursdays": "When is the market in Lower Town and how early must one be there for smoked eel?",
    "6,000 books": "Where is the library of the island and when does it open?",
    "eider ducks": "Why is the south of Sandrey closed in spring, and who may enter?",
    "causeway of stones": "How can one walk to Kittle at low tide without being caught by the water?",
    "60 seals": "Where are seals seen near Sandrey, and in which month?",
    "lived on herring": "What did the people of Sandrey live on in earlier centuries?",
    "herring stayed away": "Why did half of the families leave Sandrey after 1868?",
    "9 November 1921": "What damage did the storm of 1921 do to harbour and meadows?",
    "brought electric light": "Since when has Sandrey had electric light?",
    "two wind wheels": "How does Sandrey get its electricity since 2016?",
}
BESIDE = ["How do I renew a passport in a hurry?", "Which trains have sleeping cars to the south?", "What is a good recipe for leek soup?"]


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    rng = random.Random(f"{request.seed} {prompt}")
    if prompt.startswith("Query: "):
        query, document = (json.loads(line.partition(": ")[2]) for line in prompt.splitlines()[:2])
        asked, held = (set(re.findall(r"[a-z0-9]{4,}", text.lower())) for text in (query, document))
        yes = min(0.97, 0.2 + 0.2 * len(asked & held))
        return reply([("yes" if yes > 0.5 else "no", {"yes": math.log(yes), "no": math.log(1 - yes)})])
    document = prompt.rpartition("Document: ")[2].rpartition("\n")[0]
    query = next((q for words, q in QUERIES.items() if words in document), None)
    flaw = rng.random()
    if flaw < 0.1:
        query = " ".join(document.split()[:9])
    elif flaw < 0.2:
        query = rng.choice(BESIDE)
    elif query is None:
        longest = sorted(set(re.findall(r"[a-z]{5,}", document.lower())), key=lambda w: (-len(w), w))[:2]
        query = f"What is known about {' and '.join(longest) or 'it'} in these documents?"
    return reply([(word + " ", {word + " ": -rng.uniform(0.05, 1.2)}) for word in query.split()])


def reply(tokens):
    """The text with the log-probability of each token and of what else could have stood there."""
    told = [
        {"token": token, "logprob": known[token], "top": [{"token": t, "logprob": p} for t, p in known.items()]} for token, known in tokens
    ]
    return {"text": "".join(token for token, _ in tokens).strip(), "logprobs": told}
