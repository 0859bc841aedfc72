"""Stands in for two language models and a judge so that preferences.yaml runs offline. Its texts are canned; real models write their own.

`answer` mostly answers the instruction, the more so at a low temperature; `hasty` mostly does not; `judge` reads for that, with a little noise.
"""

import json
import random
import re

KNOWN = {  # a word of the instruction: what answers it
    "sunset": "The light passes through more air, which scatters the blue away and leaves the red.",
    "rice": "Reckon with 70 grams of dry rice a person, and twice its volume of water.",
    "wax": "Let it harden, lift it off with a blunt card, and wipe the rest away with warm soapy water.",
    "bicycle": "Look at the frame for cracks, turn both wheels, and try brakes and gears under load.",
    "neighbour": "Hello, could you turn the music down after ten? The walls are thin. Thank you very much!",
    "leaves": "The green pigment is broken down first, and the yellow ones that were there all along show.",
    "names": "Say the name aloud at once, tie it to something you see, and write it down afterwards.",
    "climate": "Weather is what happens today; climate is what is usual over thirty years.",
    "plant": "Take a snake plant: it stores water and forgives three weeks of neglect.",
    "box": "Bend your knees, keep the box close to you, and turn with your feet and not with your back.",
    "interest": "Interest is paid on earlier interest too. So the sum grows faster every year.",
    "dough": "The yeast is dead or cold: water that is too hot kills it, a cool kitchen slows it.",
    "deadline": "Ask early, name the reason in one line, and offer a new date that you can keep.",
    "metal": "It conducts heat away from your hand faster, although both have the same temperature.",
    "first-aid": "Plasters, a pressure bandage, gloves, tweezers, disinfectant and a rescue blanket.",
    "egg": "Lay it in water: a fresh one sinks and lies flat, a bad one floats.",
    "tax": "It tells the tax office what you earned and spent, so that it can settle what you owe.",
    "smoke": "Once a month, with its button, and the battery is changed once a year.",
}
VAGUE = [
    "That depends on many things.", "There are several opinions about this.", "It is an interesting question that people often ask.",
    "You should look it up.", "In general one can say that it varies.", "Some do it this way, others do not.",
]  # fmt: skip


def _reply(request, share):
    asked = request.messages[-1]["content"]
    rng = random.Random(f"{request.row} {request.temperature} {request.attempt} {share}")
    known = next((v for k, v in KNOWN.items() if k in asked), VAGUE[0])
    parts = [known] if rng.random() < share - 0.3 * (request.temperature or 0) else []
    return " ".join(parts + rng.sample(VAGUE, rng.randint(0 if parts else 1, 2)))


def answer(request):
    return _reply(request, 1.1)


def hasty(request):
    return _reply(request, 0.5)


def judge(request):
    asked = request.messages[-1]["content"]
    rng = random.Random(f"{request.row} {asked}")
    texts = [json.loads(line) for line in re.findall(r"^Answer \d+:\n(.*)$", asked, re.MULTILINE)]
    ratings = []
    for text in texts:
        worth = (4 if any(v in text for v in KNOWN.values()) else 2) - 0.5 * sum(v in text for v in VAGUE) + rng.choice([0, 0, 1])
        ratings.append({"reason": "It answers the question." if worth >= 3 else "It says little.", "rating": max(1, min(5, round(worth)))})
    return json.dumps({"ratings": ratings})
