"""Stands in for a language model so that code.yaml runs offline. Its problems are canned; a real model writes its own.

As models do, it now and then errs: a solution that is off by one, raises, never ends or leaves the process, and a test that expects the wrong value.
"""

import json
import random

PROBLEMS = {  # topic -> (problem, function, tests, solutions)
    "strings": [
        (
            "Given a sentence, return its words in reverse order, joined by single spaces.", "reverse_words",
            "assert reverse_words('the red boat') == 'boat red the'\nassert reverse_words('one') == 'one'\nassert reverse_words('') == ''\nassert reverse_words('  a   b ') == 'b a'",
            ["def reverse_words(s):\n    return ' '.join(reversed(s.split()))", "def reverse_words(s):\n    out = ''\n    for word in s.split():\n        out = word + (' ' + out if out else '')\n    return out", "def reverse_words(s):\n    return ' '.join(s.split(' ')[::-1])"],
        ),
        (
            "Given a word, return whether it reads the same backwards, letters alone and regardless of case.", "is_palindrome",
            "assert is_palindrome('Anna') == True\nassert is_palindrome('No lemon, no melon') == True\nassert is_palindrome('boat') == False\nassert is_palindrome('') == True",
            ["def is_palindrome(s):\n    t = [c.lower() for c in s if c.isalpha()]\n    return t == t[::-1]", "def is_palindrome(s):\n    t = ''.join(filter(str.isalpha, s)).lower()\n    return all(t[i] == t[-1 - i] for i in range(len(t) // 2))", "def is_palindrome(s):\n    return s.lower() == s.lower()[::-1]"],
        ),
        (
            "Given a text, return a dictionary from each letter a to z that occurs in it to how often it does, regardless of case.", "letter_counts",
            "assert letter_counts('Abba') == {'a': 2, 'b': 2}\nassert letter_counts('1, 2!') == {}\nassert letter_counts('Zz z') == {'z': 3}",
            ["def letter_counts(s):\n    out = {}\n    for c in s.lower():\n        if 'a' <= c <= 'z':\n            out[c] = out.get(c, 0) + 1\n    return out", "import collections\n\ndef letter_counts(s):\n    return dict(collections.Counter(c for c in s.lower() if c in 'abcdefghijklmnopqrstuvwxyz'))", "def letter_counts(s):\n    return {c: s.count(c) for c in s.lower()}"],
        ),
        (
            "Given a string, return its run-length code: each character followed by the length of its run.", "run_lengths",
            "assert run_lengths('aaab') == 'a3b1'\nassert run_lengths('') == ''\nassert run_lengths('abab') == 'a1b1a1b1'\nassert run_lengths('zzzzzzzzzzz') == 'z11'",
            ["from itertools import groupby\n\ndef run_lengths(s):\n    return ''.join(c + str(len(list(g))) for c, g in groupby(s))", "def run_lengths(s):\n    out, i = '', 0\n    while i < len(s):\n        j = i\n        while j < len(s) and s[j] == s[i]:\n            j += 1\n        out, i = out + s[i] + str(j - i), j\n    return out", "def run_lengths(s):\n    return ''.join(c + str(s.count(c)) for c in sorted(set(s)))"],
        ),
    ],
    "lists": [
        (
            "Given a list of numbers, return the list of their running totals.", "running_totals",
            "assert running_totals([1, 2, 3]) == [1, 3, 6]\nassert running_totals([]) == []\nassert running_totals([5, -5]) == [5, 0]",
            ["from itertools import accumulate\n\ndef running_totals(xs):\n    return list(accumulate(xs))", "def running_totals(xs):\n    out, total = [], 0\n    for x in xs:\n        total += x\n        out.append(total)\n    return out", "def running_totals(xs):\n    return [sum(xs[:i]) for i in range(len(xs))]"],
        ),
        (
            "Given two sorted lists of numbers, return one sorted list of all of them.", "merge",
            "assert merge([1, 4], [2, 3]) == [1, 2, 3, 4]\nassert merge([], [7]) == [7]\nassert merge([1, 1], [1]) == [1, 1, 1]",
            ["def merge(a, b):\n    return sorted(a + b)", "def merge(a, b):\n    out, i, j = [], 0, 0\n    while i < len(a) and j < len(b):\n        if a[i] <= b[j]:\n            out.append(a[i])\n            i += 1\n        else:\n            out.append(b[j])\n            j += 1\n    return out + a[i:] + b[j:]", "def merge(a, b):\n    out = []\n    while a and b:\n        out.append(min(a[0], b[0]))\n    return out + a + b"],
        ),
        (
            "Given a list and a size of at least 1, return the list cut into pieces of that size; the last may be shorter.", "pieces",
            "assert pieces([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]\nassert pieces([], 3) == []\nassert pieces([1], 5) == [[1]]",
            ["def pieces(xs, n):\n    return [xs[i : i + n] for i in range(0, len(xs), n)]", "def pieces(xs, n):\n    out = []\n    for i, x in enumerate(xs):\n        if i % n == 0:\n            out.append([])\n        out[-1].append(x)\n    return out", "def pieces(xs, n):\n    return [xs[i : i + n] for i in range(len(xs) // n)]"],
        ),
        (
            "Given a list of numbers, return the second largest different value, or None if there is none.", "second_largest",
            "assert second_largest([3, 1, 2]) == 2\nassert second_largest([5, 5]) is None\nassert second_largest([]) is None\nassert second_largest([-1, -2, -1]) == -2",
            ["def second_largest(xs):\n    found = sorted(set(xs))\n    return found[-2] if len(found) > 1 else None", "def second_largest(xs):\n    first = second = None\n    for x in xs:\n        if first is None or x > first:\n            first, second = x, first\n        elif x != first and (second is None or x > second):\n            second = x\n    return second", "def second_largest(xs):\n    return sorted(xs)[-2]"],
        ),
    ],
    "whole numbers": [
        (
            "Given a whole number of at least 0, return the sum of its decimal digits.", "digit_sum",
            "assert digit_sum(0) == 0\nassert digit_sum(493) == 16\nassert digit_sum(10**20) == 1",
            ["def digit_sum(n):\n    return sum(map(int, str(n)))", "def digit_sum(n):\n    total = 0\n    while n:\n        n, d = divmod(n, 10)\n        total += d\n    return total", "def digit_sum(n):\n    total = 0\n    while n >= 0:\n        total += n % 10\n        n = n // 10\n    return total"],
        ),
        (
            "Given a whole number of at least 2, return its prime factors in ascending order, each as often as it divides.", "prime_factors",
            "assert prime_factors(12) == [2, 2, 3]\nassert prime_factors(97) == [97]\nassert prime_factors(1024) == [2] * 10",
            ["def prime_factors(n):\n    out, p = [], 2\n    while p * p <= n:\n        while n % p == 0:\n            out.append(p)\n            n //= p\n        p += 1\n    return out + [n] * (n > 1)", "def prime_factors(n):\n    for p in range(2, int(n ** 0.5) + 1):\n        if n % p == 0:\n            return [p] + prime_factors(n // p)\n    return [n]", "def prime_factors(n):\n    return [p for p in range(2, n + 1) if n % p == 0]"],
        ),
        (
            "Given a whole number from 1 to 3999, return it as a Roman numeral.", "roman",
            "assert roman(4) == 'IV'\nassert roman(1994) == 'MCMXCIV'\nassert roman(3999) == 'MMMCMXCIX'\nassert roman(1) == 'I'",
            ["def roman(n):\n    out = ''\n    for v, s in [(1000, 'M'), (900, 'CM'), (500, 'D'), (400, 'CD'), (100, 'C'), (90, 'XC'), (50, 'L'), (40, 'XL'), (10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')]:\n        out += s * (n // v)\n        n %= v\n    return out", "def roman(n):\n    ones = ['', 'I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX']\n    def digit(d, a, b, c):\n        return ones[d].translate(str.maketrans('IVX', a + b + c))\n    return 'M' * (n // 1000) + digit(n // 100 % 10, 'C', 'D', 'M') + digit(n // 10 % 10, 'X', 'L', 'C') + ones[n % 10]", "def roman(n):\n    out = ''\n    for v, s in [(1000, 'M'), (500, 'D'), (100, 'C'), (50, 'L'), (10, 'X'), (5, 'V'), (1, 'I')]:\n        out += s * (n // v)\n        n %= v\n    return out"],
        ),
        (
            "Given two whole numbers of at least 1, return the smallest number that both divide.", "common_multiple",
            "assert common_multiple(4, 6) == 12\nassert common_multiple(5, 5) == 5\nassert common_multiple(1, 9) == 9",
            ["from math import gcd\n\ndef common_multiple(a, b):\n    return a * b // gcd(a, b)", "def common_multiple(a, b):\n    n = max(a, b)\n    while n % a or n % b:\n        n += max(a, b)\n    return n", "def common_multiple(a, b):\n    return a * b"],
        ),
    ],
    "dictionaries": [
        (
            "Given a dictionary from names to lists of tags, return a dictionary from each tag to the sorted list of names that have it.", "by_tag",
            "assert by_tag({'a': ['x'], 'b': ['x', 'y']}) == {'x': ['a', 'b'], 'y': ['b']}\nassert by_tag({}) == {}\nassert by_tag({'b': ['t'], 'a': ['t']}) == {'t': ['a', 'b']}",
            ["def by_tag(d):\n    out = {}\n    for name in sorted(d):\n        for tag in d[name]:\n            out.setdefault(tag, []).append(name)\n    return out", "def by_tag(d):\n    tags = {t for ts in d.values() for t in ts}\n    return {t: sorted(n for n in d if t in d[n]) for t in tags}", "def by_tag(d):\n    return {tag: [name] for name in d for tag in d[name]}"],
        ),
        (
            "Given a dictionary of prices and a list of items, return the total; an item without a price counts as nothing.", "bill",
            "assert bill({'tea': 2, 'bun': 3}, ['tea', 'bun', 'tea']) == 7\nassert bill({}, ['tea']) == 0\nassert bill({'tea': 2}, []) == 0",
            ["def bill(prices, items):\n    return sum(prices.get(i, 0) for i in items)", "def bill(prices, items):\n    total = 0\n    for item in items:\n        if item in prices:\n            total += prices[item]\n    return total", "def bill(prices, items):\n    return sum(prices[i] for i in items)"],
        ),
        (
            "Given a dictionary from words to numbers, return the words by falling number; equal numbers in alphabetical order.", "ranking",
            "assert ranking({'b': 2, 'a': 2, 'c': 3}) == ['c', 'a', 'b']\nassert ranking({}) == []\nassert ranking({'x': -1}) == ['x']",
            ["def ranking(d):\n    return sorted(d, key=lambda w: (-d[w], w))", "def ranking(d):\n    return sorted(sorted(d), key=d.get, reverse=True)", "def ranking(d):\n    return [w for w, n in sorted(d.items(), key=lambda p: p[1])]"],
        ),
        (
            "Given two dictionaries, return the set of keys that both have with different values.", "conflicts",
            "assert conflicts({'a': 1, 'b': 2}, {'a': 1, 'b': 3}) == {'b'}\nassert conflicts({}, {'a': 1}) == set()\nassert conflicts({'a': 0}, {'a': False}) == set()",
            ["def conflicts(a, b):\n    return {k for k in a.keys() & b.keys() if a[k] != b[k]}", "def conflicts(a, b):\n    out = set()\n    for k in a:\n        if k in b and not a[k] == b[k]:\n            out.add(k)\n    return out", "def conflicts(a, b):\n    return [k for k in a if k in b and a[k] != b[k]]"],
        ),
    ],
    "grids": [
        (
            "Given a grid as a list of rows of equal length, return it turned by 90 degrees clockwise.", "turn",
            "assert turn([[1, 2], [3, 4]]) == [[3, 1], [4, 2]]\nassert turn([[1, 2, 3]]) == [[1], [2], [3]]\nassert turn([]) == []",
            ["def turn(g):\n    return [list(r) for r in zip(*g[::-1])]", "def turn(g):\n    if not g:\n        return []\n    return [[g[len(g) - 1 - i][j] for i in range(len(g))] for j in range(len(g[0]))]", "def turn(g):\n    return [list(r) for r in zip(*g)]"],
        ),
        (
            "Given a grid of 0 and 1 as a list of rows, return the number of islands: groups of 1 that touch at their sides.", "islands",
            "assert islands([[1, 0, 1], [1, 0, 0]]) == 2\nassert islands([[0]]) == 0\nassert islands([[1, 1], [1, 1]]) == 1\nassert islands([[1, 0], [0, 1]]) == 2",
            ["def islands(g):\n    left = {(i, j) for i, row in enumerate(g) for j, v in enumerate(row) if v}\n    count = 0\n    while left:\n        count += 1\n        todo = [left.pop()]\n        while todo:\n            i, j = todo.pop()\n            for n in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):\n                if n in left:\n                    left.remove(n)\n                    todo.append(n)\n    return count", "def islands(g):\n    g = [row[:] for row in g]\n    def sink(i, j):\n        if 0 <= i < len(g) and 0 <= j < len(g[i]) and g[i][j]:\n            g[i][j] = 0\n            for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1)):\n                sink(i + a, j + b)\n            return 1\n        return 0\n    return sum(sink(i, j) for i in range(len(g)) for j in range(len(g[i])))", "def islands(g):\n    def sink(i, j):\n        return sink(i + 1, j) + sink(i, j + 1)\n    return sink(0, 0)"],
        ),
        (
            "Given a grid of numbers as a list of rows, return the (row, column) of its largest number, the first in reading order.", "peak",
            "assert peak([[1, 9], [9, 2]]) == (0, 1)\nassert peak([[-5]]) == (0, 0)\nassert peak([[0, 0], [0, 1]]) == (1, 1)",
            ["def peak(g):\n    most = max(map(max, g))\n    return next((i, r.index(most)) for i, r in enumerate(g) if most in r)", "def peak(g):\n    best = (0, 0)\n    for i, row in enumerate(g):\n        for j, v in enumerate(row):\n            if v > g[best[0]][best[1]]:\n                best = (i, j)\n    return best", "def peak(g):\n    most = max(map(max, g))\n    return [[i, r.index(most)] for i, r in enumerate(g) if most in r][0]"],
        ),
        (
            "Given a square grid as a list of rows, return the sum of both diagonals; a centre that lies on both counts once.", "diagonals",
            "assert diagonals([[1, 2], [3, 4]]) == 10\nassert diagonals([[1, 0, 2], [0, 5, 0], [3, 0, 4]]) == 15\nassert diagonals([[7]]) == 7",
            ["def diagonals(g):\n    n = len(g)\n    return sum(g[i][j] for i in range(n) for j in range(n) if i == j or i + j == n - 1)", "def diagonals(g):\n    n = len(g)\n    both = sum(g[i][i] + g[i][n - 1 - i] for i in range(n))\n    return both - (g[n // 2][n // 2] if n % 2 else 0)", "def diagonals(g):\n    return sum(row[i] + row[-1 - i] for i, row in enumerate(g))"],
        ),
    ],
}  # fmt: skip
CHEATS = [  # none of them can pass: what is expected is not where they look
    "import os\n\ndef {f}(*args):\n    os._exit(0)",
    "class Equal:\n    def __eq__(self, other):\n        return True\n\ndef {f}(*args):\n    return Equal()",
    "def {f}(*args):\n    raise NotImplementedError",
    "def {f}(*args):\n    while True:\n        pass",
]


def answer(request):
    asked, whole = request.messages[-1]["content"], "\n".join(m["content"] for m in request.messages)
    if asked.startswith("Write one programming problem"):
        rng = random.Random(request.row)
        problem, function, _, _ = rng.choice(next(found for topic, found in PROBLEMS.items() if f" about {topic}," in asked))
        return json.dumps({"problem": problem, "function": function})
    rng = random.Random(f"{request.row} {request.seed}")
    _, function, tests, solutions = next(p for found in PROBLEMS.values() for p in found if p[0] in whole)
    right, wrong = solutions[:2], solutions[2]
    if asked.startswith("Write tests"):
        if rng.random() < 0.1:  # a test that is wrong: no reference passes it
            tests += "\n" + tests.splitlines()[0].partition(" == ")[0] + " == 'none'"
        return f"```python\n{tests}\n```"
    if asked.startswith("Write 2 simple examples"):
        return "```python\n" + "\n".join(tests.splitlines()[:2]) + "\n```"
    if asked.startswith("Write the plainest"):
        return f"```python\n{rng.choice(right)}\n```"
    if "Your program does not pass" in asked:
        return f"It did not do what was asked.\n```python\n{rng.choice([*right, wrong])}\n```"
    made = [*right, wrong, rng.choice(CHEATS).format(f=function)]
    rng.shuffle(made)
    return json.dumps({"rows": [{"solution": code} for code in made]})
