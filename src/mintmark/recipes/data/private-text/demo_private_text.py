"""Stands in for a language model so that private-text.yaml runs offline. It knows notes about ten things of a ward, and has never seen a private one.

First drafts are about any of the ten, since nobody has told it which of them the private notes are about: the votes do. A variation keeps what its
parent is about and says it in other words.
"""

import random
import re

NOTES = {
    "pain": "pain in the {part}|strong pain in the {part} today|the {part} hurts when moving|{drug} given for pain in the {part}",
    "sleep": "slept {how} last night|awake most of the night|{how} night, tired this morning|slept until six, resting now",
    "wound": "wound at the {part} is {state}|dressing at the {part} changed|the wound looks {state}|dressing dry, wound at the {part} {state}",
    "nausea": "nausea after {meal}|felt sick after {meal}|could not keep {meal} down|sick since {meal}, sipping tea",
    "visitors": "daughter visited in the afternoon|grandchildren brought flowers|the neighbour came with the post|a visit from the choir",
    "meals": "ate half of {meal}|asked for a vegetarian menu|no appetite for {meal}|liked the soup at {meal}",
    "transport": "taxi ordered for Friday|ambulance to the clinic at nine|wheelchair booked for the lift|brought to the X-ray by porter",
    "paperwork": "insurance card copied|consent form signed|letter to the family doctor sent|questionnaire filled in with the patient",
    "belongings": "glasses found under the bed|watch locked in the safe|hearing aid needs batteries|slippers brought from home",
    "room": "window repaired in the room|moved to the bed by the door|television does not work|the room is too warm at night",
}
WORDS = {
    "part": ["left knee", "right hip", "left shoulder", "right wrist", "left ankle"],
    "drug": ["paracetamol", "ibuprofen"],
    "how": ["badly", "well", "soundly", "poorly"],
    "state": ["clean and dry", "slightly red", "healing well"],
    "meal": ["breakfast", "lunch", "supper"],
}
ENDS = [
    "no further wishes",
    "given {drug}, better after an hour",
    "will be looked at again tomorrow",
    "doctor informed",
    "settled now",
    "{state}",
]


def answer(request):
    rng = random.Random(f"{request.row} {request.seed}")
    parent = re.search(r"-----\n(.*?)\n-----", request.messages[-1]["content"], re.DOTALL)
    about = rng.choice(list(NOTES)) if parent is None else likest(parent[1])
    text = f"{rng.choice(NOTES[about].split('|'))}; {rng.choice(ENDS)}."
    for word, values in WORDS.items():
        text = text.replace("{" + word + "}", rng.choice(values))
    return text[0].upper() + text[1:]


def likest(text):
    """What a note is about: the thing whose words it shares most."""
    words = set(re.findall(r"[a-z]{4,}", text.lower()))
    return max(NOTES, key=lambda about: len(words & set(re.findall(r"[a-z]{4,}", NOTES[about]))))
