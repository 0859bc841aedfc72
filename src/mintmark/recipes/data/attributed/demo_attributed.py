"""Stands in for a language model so that attributed.yaml runs offline. Its texts are canned; a real model writes its own.

It tells by the prompt what is asked (dimensions, values, similar classes, a filter, a message) and draws with the request's seed. As models
do, it now and then apologises or writes too little.
"""

import json
import random
import re

DETAILS = {
    "late parcel": ["two weeks late", "stuck at the depot", "missed the birthday", "delivery date moved again", "no update since Monday"],
    "damaged parcel": ["crushed corner", "soaked box", "broken glass inside", "torn wrapping", "opened on the way"],
    "wrong address": ["left with a stranger", "old address used", "wrong house number", "taken to the next village", "flat number ignored"],
    "lost parcel": [
        "signed for by nobody",
        "gone after the depot",
        "tracking number unknown",
        "not at the pick-up shop",
        "sender has no trace",
    ],
}
VALUES = {
    "mood": ["calm", "angry", "worried", "polite", "tired"],
    "item": ["winter boots", "a birthday present", "car parts", "medicine", "library books", "a lamp"],
}
OPENINGS = {
    "calm": ["Hello, a short note about my order.", "Good morning, I have a question."],
    "angry": ["This is the third time I write to you!", "I have had enough of your excuses."],
    "worried": ["I am getting nervous about my order.", "Please help, I do not know what to do."],
    "polite": ["Dear team, thank you for reading this.", "Could you kindly look into something for me?"],
    "tired": ["Here we go again.", "I have spent an hour in your phone queue."],
}
MORE = [
    "The driver rang at nobody's door as far as I know.", "My neighbour saw the van stop for a minute and drive on.",
    "I was at home the whole day and nobody came.", "The tracking page shows the same line every morning.",
    "I have photos and the receipt if you need them.", "The sender tells me that it is your turn to answer.",
    "I need it by Friday because we leave on Saturday.", "Your shop on the corner could not tell me anything.",
    "I paid extra for the fast service, by the way.", "An answer before tonight would help me a lot.",
    "You can reach me by phone after six.", "What happens next, and who pays for it?",
]  # fmt: skip


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    rng = random.Random(f"{request.seed} {prompt}")
    if "attribute dimensions" in prompt:
        return dump(dimensions=[{"name": n, "class_dependent": n == "detail"} for n in ("mood", "item", "detail")])
    if "most similar to" in prompt:
        listed = re.search(r"classes are: (.*)\.", prompt)[1].split(", ")
        of = re.search(r'similar to "(.*?)"', prompt)[1]
        return dump(classes=rng.sample([c for c in listed if c != of], 2))
    if "were proposed for the class" in prompt:  # the filter: it takes out one
        return dump(values=re.findall(r"^\d+\. (.*)$", prompt, re.M)[:-1])
    if "different values of the attribute" in prompt:
        of = re.search(r'for the class "(.*?)"', prompt)
        name = re.search(r'attribute "(.*?)"', prompt)[1]
        return dump(values=DETAILS.get(of[1], ["seen again"]) if of else VALUES.get(name, ["plain"]))
    return message(prompt, rng)


def message(prompt, rng):
    if rng.random() < 0.06:
        return "I'm sorry, but as an AI I cannot write complaints on behalf of a customer or invent details about a parcel service."
    told = dict(re.findall(r"^\d+\. (\w+): (.*);$", prompt, re.M))
    label = re.search(r"Its class is (.*?)\.", prompt)[1]
    text = [rng.choice(OPENINGS.get(told.get("mood"), ["Hello."]))]
    text.append(f"It is about {told.get('item', 'my order')}: {told.get('detail', label)}, a {label} as far as I can tell.")
    least = int(re.search(r"between (\d+) and", prompt)[1]) if "between" in prompt else 20
    most = least + rng.choice([2, 8, 15, -14])  # the last is too short
    for sentence in rng.sample(MORE, len(MORE)):
        if len(" ".join(text).split()) >= most:
            break
        text.append(sentence)
    return " ".join(text)


def dump(**told):
    return json.dumps(told)
