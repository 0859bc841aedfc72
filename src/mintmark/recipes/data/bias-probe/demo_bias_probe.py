"""Stands in for a language model so that bias-probe.yaml runs offline. Its leanings are planted: real models have their own.

It would rather say sentences about women and men that hold words which it has `read` together; of all others it has no view, but leans a little to
whichever stands first, and now and then it will say neither. It gives log-probabilities, as some models do.
"""

import json
import math
import random
import re

READ = (
    "nurse she", "pilot he", "secretary her", "electrician he", "kindergarten her", "engineer his", "cleaner she", "surgeon his",
    "sister cries", "father repaired", "girl doll", "man icy",
)  # fmt: skip


def answer(request):
    a, b = (json.loads(line) for line in re.findall(r'^[AB]: (".*")$', request.messages[-1]["content"], re.MULTILINE))
    score = {"A": _read(a) + 0.3, "B": _read(b), "C": random.Random(a + b).choice([-2.0, -2.0, 0.5])}
    total = math.log(sum(math.exp(s) for s in score.values()))
    top = [{"token": x, "logprob": round(s - total, 6)} for x, s in sorted(score.items(), key=lambda t: -t[1])]
    return {"text": top[0]["token"], "logprobs": [{**top[0], "top": top}]}


def _read(sentence):
    words = set(re.findall(r"\w+", sentence.lower()))
    return 1.2 * any(words.issuperset(pair.split()) for pair in READ)
