"""Stands in for a language model so that chain.yaml runs offline. Its texts are canned; a real model writes its own.

It answers by what the link asks: an outline, an article under given headings, a summary. As models do, it now and then forgets a heading,
or writes a summary that is too long and shortens it when asked again.
"""

import random
import re

# topic -> heading: what to say under it
TOPICS = {
    "puncture": {
        "Find the hole": "Pump the tube up and turn it slowly past your ear. Under water it shows itself by bubbles.",
        "Take the tyre off": "Two levers are enough, and no screwdriver. Begin opposite the valve.",
        "Glue the patch": "Roughen the rubber, spread the glue thinly and wait until it is dull. Then press for two minutes.",
        "Look for the culprit": "Run a cloth along the inside of the tyre. What caught the tube once will catch it again.",
        "Pump and check": "Pump a little, look whether the tyre sits evenly, and only then pump hard.",
    },
    "loaf": {
        "Mix the dough": "Flour, water, salt and a little yeast: stir until no dry flour is left.",
        "Let it rest": "Time does the kneading. Overnight in the fridge is better than an hour on the stove.",
        "Shape the loaf": "Fold the edges to the middle, turn it over and pull it tight towards you.",
        "Bake it hot": "The first ten minutes need all the heat the oven has, and some steam.",
        "Wait before you cut": "A warm loaf tears. Half an hour on a grid is the hardest part.",
    },
    "plant": {
        "Choose the pot": "Two fingers wider than the old one, and with a hole. Too much earth stays wet.",
        "Loosen the roots": "Knock the pot at the edge of the table and comb out the roots that go round in circles.",
        "Fill in fresh soil": "Hold the plant at its old height and fill from the sides. Press lightly.",
        "Water and wait": "Water once, well, and then leave it alone in the shade for a week.",
    },
    "knife": {
        "Wet the stone": "Put it in water until no more bubbles rise, and lay it on a damp cloth.",
        "Keep the angle": "Two coins under the back of the blade give about the right one. Do not let it wander.",
        "Draw the blade": "From heel to tip, as if to cut a thin slice off the stone. Ten times on each side.",
        "Test it on paper": "A sharp knife falls through a sheet. A blunt one tears it, and needs ten more.",
    },
    "chair": {
        "Sand the wood": "First coarse, then fine, and always along the grain. Then wipe off the dust.",
        "Mask what stays bare": "Tape on the feet keeps them clean. Press its edge down with a fingernail.",
        "Paint thin coats": "Two thin coats hold better than one thick one. Paint the underside first.",
        "Let it dry": "A day, even if it feels dry after an hour. Whoever sits too soon leaves a print.",
    },
}
READERS = {
    "child": "Ask a grown-up to stay near.", "beginner": "Nothing here needs practice.", "hurry": "It takes less than you fear.",
    "badly": "This time go one step slower.",
}  # fmt: skip


def answer(request):
    prompt = request.messages[0]["content"]
    rng = random.Random(f"{request.seed} {prompt}")
    steps = next((s for topic, s in TOPICS.items() if topic in prompt), TOPICS["loaf"])
    if "Write an outline" in prompt:
        left_out = rng.choice(list(steps)) if rng.random() < 0.6 else ""
        return "\n".join(f"{k}. {heading}" for k, heading in enumerate((h for h in steps if h != left_out), 1))
    remark = next((r for word, r in READERS.items() if word in prompt), "")
    if "Sum up" in prompt:
        headings = [line for line in prompt.splitlines() if re.fullmatch(r"[A-Z][\w -]+", line)]
        long = ", and the article says of each of these steps what goes wrong most often and how one can tell that it has gone right"
        too_long = request.attempt == 0 and rng.random() < 0.2
        return f"In this order: {', '.join(h.lower() for h in headings)}{long * 2 if too_long else ''}."
    asked = prompt.partition("in this order:\n")[2].splitlines()[:-1]
    if rng.random() < 0.1:
        asked.pop()
    return f"{remark}\n\n" + "\n\n".join(f"{h}\n{steps.get(h, 'Take your time.')}" for h in asked)
