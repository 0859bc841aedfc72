"""Right solutions in the styles that people and models write, with tests in theirs: (code, tests, entry point). All must pass."""

VECTOR = "class V:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return self.x == o.x\n    def __add__(self, o): return V(self.x + o.x)\n    def __lt__(self, o): return self.x < o.x\n    def __repr__(self): return f'V({self.x})'\n"
STACK = "class Stack:\n    def __init__(self): self.a = []\n    def push(self, x): self.a.append(x)\n    def pop(self):\n        if not self.a: raise IndexError('empty')\n        return self.a.pop()\n    def __len__(self): return len(self.a)\n    @property\n    def top(self): return self.a[-1]\n"
ACCOUNT = "class Short(Exception): pass\nclass Account:\n    def __init__(self, b): self.b = b\n    def take(self, x):\n        if x > self.b: raise Short(f'only {self.b}')\n        self.b -= x\n        return self.b\n"
PROGRAM = "n = int(input())\nprint(sum(map(int, input().split())))\n"
SIX = '[{"input": "3\\n1 2 3\\n", "output": "6\\n"}, {"input": "1\\n7\\n", "output": "7"}]'
HONEST: dict[str, tuple[str, str, str]] = {
    # what is given back
    "Counter": ("from collections import Counter\nf = lambda a: Counter(a)\n", "assert f('aab') == {'a': 2, 'b': 1}", "f"),
    "defaultdict": (
        "from collections import defaultdict\ndef f(a):\n    d = defaultdict(int)\n    for x in a: d[x] += 1\n    return d\n",
        "assert f([1, 1]) == {1: 2}",
        "f",
    ),
    "namedtuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(a):\n    return P(a, 2)\n",
        "assert f(1) == (1, 2)\nfor i in [5]:\n    assert f(i).x == 5",
        "f",
    ),
    "enumerations": (
        "from enum import Enum, IntEnum\nclass C(IntEnum):\n    A = 1\nclass D(Enum):\n    B = 'b'\ndef f(a):\n    return C.A\ndef g():\n    return D.B\n",
        "assert f(0) == 1\nassert g() is D.B and g().value == 'b'",
        "f",
    ),
    "infinity and NaN": (
        "def f(a):\n    return [float('inf'), float('nan')]\n",
        "import math\nr = f(1)\nassert r[0] == math.inf and math.isnan(r[1])",
        "f",
    ),
    "a large integer": ("import math\nf = math.factorial\n", "import math\nassert f(1000) == math.factorial(1000)", "f"),
    "complex": ("def f(x):\n    return complex(0, x)\n", "assert f(1) == 1j", "f"),
    "decimals, fractions, dates": (
        "def f(x):\n    return x + x\ndef g(d):\n    return d.replace(year=2021)\n",
        "from datetime import date\nfrom decimal import Decimal\nfrom fractions import Fraction\nassert f(Decimal('1.5')) == Decimal('3.0') and f(Fraction(1, 3)) == Fraction(2, 3)\nassert g(date(2020, 1, 2)) == date(2021, 1, 2)",
        "f",
    ),
    "views and queues": (
        "from collections import deque\ndef f(d):\n    return d.keys()\ndef g(n):\n    return deque(range(n))\n",
        "assert sorted(f({'b': 1, 'a': 2})) == ['a', 'b']\nassert list(g(2)) == [0, 1]",
        "f",
    ),
    # iterators, functions
    "a generator": (
        "def f(n):\n    for i in range(n): yield i * i\n",
        "assert list(f(3)) == [0, 1, 4]\nit = f(2)\nassert next(it) == 0 and next(it) == 1 and next(it, None) is None",
        "f",
    ),
    "an endless iterator": (
        "import itertools\ndef f():\n    return itertools.count(5)\n",
        "from itertools import islice\nassert list(islice(f(), 2)) == [5, 6]",
        "f",
    ),
    "a closure": ("def f(n):\n    return lambda x: x + n\n", "assert f(3)(4) == 7", "f"),
    "a decorator": (
        "from functools import lru_cache, wraps\ndef twice(g):\n    @wraps(g)\n    def inner(*a): return g(*a) * 2\n    return inner\n@lru_cache(maxsize=None)\n@twice\ndef f(x): return x\n",
        "for i in range(3): assert f(i) == 2 * i",
        "f",
    ),
    "a partial": ("from functools import partial\nf = partial(pow, 2)\n", "for i in range(3): assert f(i) == 2 ** i", "f"),
    "a coroutine": (
        "import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x + 1\n",
        "import asyncio, pytest\nassert asyncio.run(f(1)) == 2\n@pytest.mark.asyncio\nasync def test_f():\n    assert await f(1) == 2 and await asyncio.gather(f(2), f(3)) == [3, 4]",
        "f",
    ),
    "a coroutine, as data": ("async def f(x):\n    return x + 1\n", '[{"args": [1], "expected": 2}]', "f"),
    "recursion": ("def f(n):\n    return 0 if n == 0 else 1 + f(n - 1)\n", "assert f(980) == 980\nfor i in [980]: assert f(i) == i", "f"),
    "in place": (
        "def f(m):\n    m[:] = [list(r) for r in zip(*m[::-1])]\ndef g(d):\n    d.clear()\n",
        "m, d = [[1, 2], [3, 4]], {1: 2}\nf(m)\ng(d)\nassert m == [[3, 1], [4, 2]] and d == {}",
        "f",
    ),
    "twenty threads": (
        "import threading\ndef f(n):\n    seen = []\n    t = [threading.Thread(target=lambda: seen.append(len([bytes(99) for _ in range(9999)]))) for _ in range(n)]\n    [x.start() for x in t]; [x.join() for x in t]\n    return len(seen)\n",
        "assert f(20) == 20",
        "f",
    ),
    "nothing to be seen": (
        "import contextlib, os\ndef f(x):\n    with open(os.devnull, 'w') as d, contextlib.redirect_stdout(d): print('x')\n    return x\n",
        "assert f(1) == 1",
        "f",
    ),
    "type hints and a guard": (
        "from __future__ import annotations\nfrom typing import Generic, TypedDict, TypeVar\nT = TypeVar('T')\nclass Q(Generic[T]): pass\nclass D(TypedDict):\n    a: int\ndef f(x: list[int]) -> int | None:\n    return max(x, default=None)\nif __name__ == '__main__':\n    print(f([int(input())]))\n",
        "assert f([1, 2]) == 2\nassert f([]) is None",
        "f",
    ),
    # exceptions
    "an exception of its own": (
        "class Bad(ValueError): pass\ndef f(x):\n    raise Bad('no')\n",
        "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertRaises(ValueError, f, 1)\n        for i in range(2):\n            with self.assertRaises(Bad): f(i)\n            with self.assertRaisesRegex(ValueError, 'no'): f(i)\n",
        "f",
    ),
    "an exception of the library": (
        "import json\ndef f(x):\n    return json.loads(x)\ndef g(x):\n    return x.decode()\n",
        "import pytest\ndef test_f():\n    with pytest.raises(ValueError):\n        f('{')\n    for s in '{[':\n        with pytest.raises(ValueError): f(s)\n    with pytest.raises(UnicodeDecodeError): g(b'\\xff')\n",
        "f",
    ),
    "a family of exceptions": (
        ACCOUNT + "class Shorter(Short): pass\ndef f(x):\n    raise Shorter('q')\n",
        "for i in range(2):\n    try: f(i)\n    except Short as e: assert str(e) == 'q'\n    else: assert False",
        "f",
    ),
    # classes
    "a class, by its methods": (
        STACK,
        "s = Stack()\ns.push(1)\ns.push(2)\nassert s.pop() == 2 and len(s) == 1 and s.a == [1] and s.top == 1",
        "Stack",
    ),
    "a class, by unittest": (
        STACK,
        "import unittest\nclass T(unittest.TestCase):\n    def setUp(self): self.s = Stack()\n    def test_a(self):\n        self.s.push(3)\n        self.assertEqual(self.s.top, 3)\n    def test_b(self):\n        with self.assertRaises(IndexError): self.s.pop()\n",
        "",
    ),
    "a class, by pytest": (
        ACCOUNT,
        "import pytest\n@pytest.fixture\ndef it():\n    return Account(10)\n@pytest.mark.parametrize('x, left', [(1, 9), (2, 8)])\ndef test_takes(it, x, left):\n    assert it.take(x) == left and it.b == pytest.approx(left)\ndef test_short(it):\n    with pytest.raises(Short, match='only 10') as told: it.take(11)\n    assert 'only' in str(told.value)\nclass TestMore:\n    def setup_method(self): self.it = Account(5)\n    def test_all(self): assert self.it.take(5) == 0\n",
        "",
    ),
    "a class of LeetCode's": (
        "class Solution:\n    def twoSum(self, nums, target):\n        return [0, 1]\n",
        "def check(candidate):\n    assert candidate(nums=[2, 7], target=9) == [0, 1]\n    for n in (3,): assert candidate([n, n], 2 * n) == [0, 1]\n",
        "Solution().twoSum",
    ),
    "a method that needs an object": (
        "class Solution:\n    def up(self, x): return x + 1\n",
        "assert Solution().up(1) == 2\nfor i in range(2): assert Solution().up(i) == i + 1",
        "Solution.up",
    ),
    "equality and order": (
        VECTOR,
        "assert V(1) + V(2) == V(3) != V(4) and V(1) < V(2) and repr(V(1)) == 'V(1)' and V(1) != 1 and V(1) is not None",
        "V",
    ),
    "linked by the tests": (
        "class Node:\n    def __init__(self, v, n=None): self.val, self.next = v, n\ndef f(h):\n    p = None\n    while h: h.next, p, h = p, h, h.next\n    return p\n",
        "r = f(Node(1, Node(2)))\nassert r.val == 2 and r.next.val == 1 and r.next.next is None and isinstance(r, Node)",
        "f",
    ),
    "static, of the class, constant": (
        "class M:\n    K = 5\n    @staticmethod\n    def f(x): return x + 1\n    @classmethod\n    def g(cls, x): return cls.K + x\nPI = 3\ndef area(r): return PI * r\n",
        "assert M.f(1) == 2 and M.g(1) == 6 and M.K == 5\nfor r in (1, 2): assert area(r) == PI * r",
        "area",
    ),
    "to walk over, to enter": (
        "class R:\n    closed = False\n    def __iter__(self): return iter(range(3))\n    def __getitem__(self, i): return i * 2\n    def __enter__(self): return self\n    def __exit__(self, *a): self.closed = True\n",
        "with R() as r:\n    assert list(r) == [0, 1, 2] and r[4] == 8 and 2 in r and 9 not in r\nassert r.closed",
        "R",
    ),
    "a dataclass": (
        "from dataclasses import dataclass, field\n@dataclass(order=True)\nclass P:\n    x: int\n    t: list = field(default_factory=list)\ndef f(n):\n    return [P(i) for i in range(n)]\n",
        "r = f(2)\nassert [p.x for p in r] == [0, 1] and r[0] == P(0) and max(r).x == 1",
        "f",
    ),
    # printing and reading
    "what is printed": (
        "def f(x):\n    print('hi', x)\n",
        "import contextlib, io\ndef test_a(capsys):\n    f(3)\n    assert capsys.readouterr().out == 'hi 3\\n'\ndef test_b():\n    with contextlib.redirect_stdout(io.StringIO()) as out: f(4)\n    assert out.getvalue() == 'hi 4\\n'\n",
        "f",
    ),
    "doctests that print": ("def f(x):\n    return x\n", ">>> print(f(2))\n2\n>>> f('a')\n'a'\n", "f"),
    "from the module": (
        "def f(x):\n    return x + 1\n",
        "import unittest\nfrom solution import f\nclass T(unittest.TestCase):\n    def test_a(self):\n        for i in range(3): self.assertEqual(f(i), i + 1)\n",
        "f",
    ),
    "NaN, as data": ("def f(x):\n    return [float('nan'), x]\n", '[{"args": [1], "expected": [NaN, 1]}]', "f"),
    "a program": (PROGRAM, SIX, ""),
    "a program with a guard that leaves": (
        "import sys\ndef main():\n    data = sys.stdin.read().split()\n    print(sum(map(int, data[1:])))\n    exit()\nif __name__ == '__main__':\n    main()\n",
        SIX,
        "",
    ),
    "a program that reads bytes": (
        "import sys\nread = sys.stdin.buffer.readline\nread()\nsys.stdout.write(str(sum(map(int, read().split()))))\n",
        SIX,
        "",
    ),
    "a program that opens 0": ("print(sum(map(int, open(0).read().split()[1:])))\n", SIX, ""),
    "a program in a thread": (
        "import threading\ndef main():\n    " + PROGRAM.replace("\n", "\n    ") + "\nthreading.Thread(target=main).start()\n",
        SIX,
        "",
    ),
    "APPS, a program": (PROGRAM, '{"inputs": ["3\\n1 2 3\\n", ["1", "7"]], "outputs": ["6\\n", "7"]}', ""),
    "APPS, a function": (
        "def total(a):\n    return sum(a)\n",
        '{"fn_name": "total", "inputs": [[[1, 2, 3]], [[4]]], "outputs": [6, [4]]}',
        "",
    ),
}
