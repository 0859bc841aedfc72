"""Stands in for a language model so that instructions.yaml runs offline. Its tasks are canned; a real model writes its own.

It answers in the numbered form that the prompt begins. As models do, it now and then repeats itself, asks for a picture, forgets an output,
or is cut in the middle of a task.
"""

import random

TASKS = [  # instruction, input, output
    ("Turn the recipe's quantities from four people to two.", "400 g flour, 2 eggs, 300 ml milk", "200 g flour, 1 egg, 150 ml milk"),
    ("Why does bread go stale faster in the fridge?", "", "Cold lets the starch crystallise again more quickly, which makes the crumb firm."),
    ("Find the word that does not belong.", "oak, birch, granite, willow", "granite"),
    ("Summarise the message in at most six words.", "We are closed on Friday because the heating is being replaced.", "Closed Friday: heating is replaced."),
    ("Explain to a child how a lock on a canal works.", "", "A boat waits in a box of water that fills or empties until it is as high as the canal ahead."),
    ("Translate the greeting into French.", "Good evening, my friends", "Bonsoir, mes amis"),
    ("Write two lines of verse about a broken umbrella.", "", "It turned its ribs against the sky,\nand left us all but it quite dry."),
    ("Classify the animal as mammal, bird or reptile.", "tortoise", "reptile"),
    ("Which is longer, a nautical mile or a land mile?", "", "The nautical mile: 1,852 metres against 1,609."),
    ("Correct the spelling.", "We recieved your adress yesterday.", "We received your address yesterday."),
    ("Propose a polite way to decline a wedding invitation.", "", "Thank you so much for thinking of us; sadly we cannot come, but we wish you a wonderful day."),
    ("Put the events of the day in order.", "lunch, sunset, breakfast, supper", "breakfast, lunch, sunset, supper"),
    ("Give one argument for and one against night trains.", "", "For: one travels asleep. Against: a berth costs more than a seat."),
    ("Make the statement a question.", "The ferry leaves at noon.", "Does the ferry leave at noon?"),
    ("How many minutes are there in a week?", "", "10,080"),
    ("Pick the more formal of the two words.", "kids, children", "children"),
    ("Describe the smell of rain on dry ground without naming rain.", "", "Dust that has been waiting all summer breathes out at last."),
    ("Replace the passive voice by the active.", "The gate was painted by Marta.", "Marta painted the gate."),
    ("List four tools that a bookbinder uses.", "", "Bone folder, awl, needle and press."),
    ("Judge whether the claim can be checked.", "This is the best soup in town.", "No: it is an opinion."),
    ("Continue the sequence by two numbers.", "3, 6, 12, 24", "48, 96"),
    ("What should a tenant write down when moving in?", "", "Meter readings, the state of every room, and the number of keys."),
    ("Name the tone of the letter in one word.", "I have now asked four times and still nobody calls back.", "annoyed"),
    ("Invent a name for a bakery that opens at midnight.", "", "The Late Loaf"),
    ("Convert the temperature to degrees Celsius.", "212 degrees Fahrenheit", "100 degrees Celsius"),
    ("Explain the proverb 'Many hands make light work.'", "", "A task that several people share is soon done."),
    ("Shorten the address to one line.", "Elm Street 4\n2nd floor\n55116 Mainz", "Elm Street 4, 2nd floor, 55116 Mainz"),
    ("State the opposite of each adjective.", "narrow, humid, generous", "wide, dry, mean"),
    ("Advise somebody who wants to sleep better in a noisy street.", "", "Ear plugs, heavy curtains, and the bed moved to the wall away from the street."),
    ("Detect the language of the sentence.", "Waar is het station?", "Dutch"),
    ("Compare a bicycle with a scooter for a commute of three kilometres.", "", "The bicycle is faster and carries more; the scooter folds and goes on the bus."),
    ("Count the vowels in the word.", "onomatopoeia", "8"),
    ("Draft a reminder that library books are due.", "", "Your three books are due on Monday. You can renew them at the desk or by phone."),
    ("Tell which of the cities lies furthest north.", "Lyon, Oslo, Vienna", "Oslo"),
    ("When do swallows leave central Europe?", "", "Most of them in September."),
    ("Rank these drinks by caffeine, most first.", "black tea, filter coffee, cocoa", "filter coffee, black tea, cocoa"),
    ("Fill in the missing preposition.", "She is good ___ chess.", "at"),
    ("Offer three questions to ask at a flat viewing.", "", "What are the side costs? How thick are the walls? Who lived here before?"),
    ("Mark the sentence as fact or forecast.", "Prices will fall next year.", "forecast"),
    ("Condense the two sentences into one.", "The bridge is old. It is still safe.", "The bridge is old but still safe."),
]  # fmt: skip
FAULTY = [
    ("Describe the image in two sentences.", "", "It shows a harbour."),
    ("Say it.", "", "It."),
    ("Name three things that keep a compost heap from smelling badly.", "", "Leaves, air and patience."),
    ("Play a piece of calm music for the guests.", "", "Here it is."),
]


def answer(request):
    rng = random.Random(f"{request.row} {request.seed}")
    tasks = rng.sample(TASKS, 8) + rng.sample(FAULTY, 1)
    rng.shuffle(tasks)
    blocks = []
    for number, (instruction, given, made) in enumerate(tasks, 4):  # the prompt shows three tasks and ends with '4. Instruction:'
        head = f" {instruction}" if number == 4 else f"{number}. Instruction: {instruction}"
        blocks.append(f"{head}\n{number}. Input:\n{given or '<noinput>'}\n{number}. Output:\n{made}\n")
    text = "###\n".join(blocks)
    if rng.random() < 0.5:  # the list is longer than what a model may write: the last task is cut
        return {"text": text[:-12], "finish_reason": "length"}
    return text
