"""Stands in for a language model so that code-instructions.yaml runs offline. Its tasks are canned; a real model writes its own.

It answers in the numbered form that the prompt begins. As models do, it now and then repeats a seed, talks instead of coding, or is cut.
"""

import random

TASKS = [  # instruction, input, output
    ("Write a program that prints every line of a file in reverse order.", "", "import sys\nprint(''.join(reversed(open(sys.argv[1]).readlines())), end='')"),
    ("Rename the variables so that the code can be read.", "def f(a, b):\n    return a * b / 2", "def triangle_area(base, height):\n    return base * height / 2"),
    ("Add a guard against division by zero.", "def mean(xs):\n    return sum(xs) / len(xs)", "def mean(xs):\n    return sum(xs) / len(xs) if xs else None"),
    ("Complete the Rust match so that all cases are covered.", "match flag { Some(true) => 1, ", "match flag { Some(true) => 1, Some(false) => 0, None => -1 }"),
    ("How does one swap two variables in Go?", "", "a, b = b, a"),
    ("Convert this temperature function from Python to JavaScript.", "def c(f): return (f - 32) * 5 / 9", "const c = (f) => ((f - 32) * 5) / 9;"),
    ("Make the query return only the ten newest rows.", "SELECT * FROM visits", "SELECT * FROM visits ORDER BY visited_at DESC LIMIT 10;"),
    ("State the time complexity of binary search and why.", "", "O(log n): each comparison halves the range that is left."),
    ("Use a set to speed up this membership test.", "seen = []\nfor x in xs:\n    if x in seen: continue\n    seen.append(x)", "seen = set()\nfor x in xs:\n    if x in seen: continue\n    seen.add(x)"),
    ("Create a CSS rule that centres a block of 600 pixels.", "", ".page { max-width: 600px; margin: 0 auto; }"),
    ("Spot the off-by-one error in the slice.", "last_three = items[-3:-1]", "It leaves out the last item; it must be items[-3:]."),
    ("Show a shell command that counts the words in all text files of a folder.", "", "cat *.txt | wc -w"),
    ("Document this function with one line.", "def clamp(x, lo, hi):\n    return max(lo, min(x, hi))", "def clamp(x, lo, hi):\n    \"\"\"x, moved to the nearest bound if it lies outside lo..hi.\"\"\"\n    return max(lo, min(x, hi))"),
    ("Give a Haskell definition of the factorial.", "", "factorial n = product [1 .. n]"),
    ("Which exception does Python raise for a missing key, and how is it avoided?", "", "KeyError; use d.get(key, default) or test `key in d`."),
    ("Optimise the recursion with a cache.", "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)", "from functools import cache\n\n@cache\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)"),
    ("Implement a stack with push and pop in TypeScript.", "", "class Stack<T> {\n  private items: T[] = [];\n  push(x: T) { this.items.push(x); }\n  pop(): T | undefined { return this.items.pop(); }\n}"),
    ("Extract the domain from each address with awk.", "ada@example.org", "awk -F@ '{ print $2 }'"),
    ("Parse this line into a Python dictionary.", "name=Ada;born=1815", "dict(part.split('=') for part in 'name=Ada;born=1815'.split(';'))"),
    ("Describe when a linked list beats an array.", "", "When items are often inserted or removed in the middle and never reached by their number."),
    ("Test the function with two assertions.", "def is_leap(y): ...", "assert is_leap(2024)\nassert not is_leap(1900)"),
    ("Flatten a list of lists in one line of Ruby.", "", "lists.flatten(1)"),
    ("Protect this query against SQL injection.", "cur.execute(f\"SELECT * FROM users WHERE name = '{name}'\")", "cur.execute('SELECT * FROM users WHERE name = ?', (name,))"),
    ("Begin a C program that reads one integer from standard input.", "", "#include <stdio.h>\nint main(void) { int n; return scanf(\"%d\", &n) == 1 ? 0 : 1; }"),
]  # fmt: skip
FAULTY = [
    ("Write a Python function that returns the vowels of one word.", "", "def vowels(w): return [c for c in w if c in 'aeiou']"),
    ("Run this script and report its output.", "print(2 ** 10)", "As an AI I cannot run code."),
    ("Fix it.", "x = = 1", "x = 1"),
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
