"""Stands in for the person, the assistant and the tools so that tool-dialogue.yaml runs offline. Its texts are canned; a real model writes its own.

As models do, the assistant now and then gives a number as a word (it is asked again), calls another tool, or calls one where none serves.
"""

import json
import random
import re

VALUES = {
    "day": ["Monday", "Tuesday", "Friday"], "people": [4, 12, 25, 60], "street": ["Mill Lane", "Elm Street", "Harbour Road"],
    "kind": ["paper", "glass", "garden"], "lamp": [17, 204, 388], "stop": ["Old Market", "Station", "Hospital"], "line": [3, 11],
    "plate": ["EL 204", "KM 771", "TS 118"], "months": [6, 12],
}  # fmt: skip
ASKS = {
    "book_room": "could we have a room on {day}? We are {people} people.", "bin_days": "when is the {kind} waste collected in {street}?",
    "report_lamp": "the street lamp number {lamp} has been dark for days.", "bus_times": "when does line {line} leave from {stop}?",
    "pool_hours": "how long can I swim on {day}?", "renew_permit": "my parking permit for {plate} runs out, please renew it for {months} months.",
}  # fmt: skip
ELSE = [
    "can you tell me who won the match last night?", "what do you think of the new mayor?", "could you write a poem for my aunt?",
    "which mobile contract is the cheapest?", "do you know a good dentist?",
]  # fmt: skip
HELLO = ["Good morning,", "Hi,", "Sorry to bother you,", "Hello there,", "One question:"]
RESULTS = {
    "room": ["Oak Room", "Hall 2"], "next": ["Thursday, 7 May", "Monday, 11 May"], "ticket": ["L-2291", "L-2305"],
    "departures": [["14:05", "14:25"], ["08:12", "08:42", "09:12"], []], "opens": ["09:00", "10:00"], "closes": ["18:00", "21:30"],
    "valid_until": ["2027-01-31", "2027-07-31"], "fee": [15.0, 28.5], "booked": [True, True, False],
}  # fmt: skip


def answer(request):
    system, asked = request.messages[0]["content"], request.messages[1 if len(request.messages) > 1 else 0]["content"]
    own = random.Random(request.row)
    values = {k: own.choice(v) for k, v in VALUES.items()}  # the same for every ask of this row
    rng = random.Random(f"{request.row} {request.attempt} {asked}")
    if "play a person" in system:
        wanted = re.search(r'using "(\w+)"', asked)
        return json.dumps({"message": f"{rng.choice(HELLO)} {ASKS[wanted[1]].format(**values) if wanted else rng.choice(ELSE)}"})
    if "play the server" in system:
        return json.dumps({k: rng.choice(RESULTS[k]) for k in request.schema["properties"]})
    if "with tools" in system:
        return json.dumps(call(asked, values, rng))
    if "are an assistant" in system:
        results = [json.loads(m["content"]) for m in history(asked) if m["role"] == "tool"]
        told = "; ".join(f"{k.replace('_', ' ')}: {json.dumps(v)}" for r in results for k, v in r.items())
        return f"Here is what I found. {told}." if told else "I am sorry, none of my tools helps with that."
    who, _, why = asked.partition(":")[2].partition(", writes")
    return f"This is {who.strip()}, who {rng.choice(['lives near the station', 'is new in town', 'calls every week', 'has a form to fill in'])}."


def history(asked):
    lines = asked.splitlines()
    return json.loads(lines[lines.index("The conversation so far:") + 1])


def call(asked, values, rng):
    tools = {t["name"]: t for t in (json.loads(line) for line in asked.splitlines() if line.startswith('{"'))}
    said = history(asked)
    if any(m["role"] == "tool" for m in said):
        return {"tool": None, "arguments": {}}
    wanted = next((n for n in tools if ASKS[n].format(**values) in said[0]["content"]), None)
    if rng.random() < 0.08:
        wanted = rng.choice([*tools, None])
    if wanted is None:
        return {"tool": None, "arguments": {}}
    made = {k: values[k] for k in tools[wanted]["parameters"]["properties"]}
    return {"tool": wanted, "arguments": {k: str(v) for k, v in made.items()} if rng.random() < 0.2 else made}
