"""Runs a whole test inside the second box, as its source; there the candidate's functions are proxies. Written to be read there: it imports nothing above.

What tests is run whatever its shape: statements, functions named test* or check(candidate), coroutines and generators of that name, unittest's
classes, and plain classes named Test*. A name that a test does not define itself and no proxy has is Python's own. Not covered: pytest's fixtures.
"""

from __future__ import annotations


def _run_tests(text: str, entry: str, proxies: list[str]) -> None:
    try:
        _run_all(text, entry, proxies)
    except AssertionError as error:
        at, line = error.__traceback__, 0
        while at:
            line = at.tb_lineno if at.tb_frame.f_code.co_filename == "tests.py" else line
            at = at.tb_next
        if error.args or not line:
            raise
        raise AssertionError(f"line {line}: {text.splitlines()[line - 1].strip()[:200]}") from None


def _run_all(text: str, entry: str, proxies: list[str]) -> None:
    import sys

    def finish(came: object) -> None:
        if hasattr(came, "cr_frame"):
            import asyncio

            asyncio.run(came)  # type: ignore[arg-type]
        elif hasattr(came, "gi_frame") and hasattr(came, "__iter__"):
            list(came)

    given = {name: globals()[name] for name in proxies}
    names: dict[str, object] = {"__name__": "candidate", **given}
    exec(compile(text, "tests.py", "exec", dont_inherit=True), names)
    unittest = sys.modules.get("unittest")
    for name, test in list(names.items()):
        if test is given.get(name) or not callable(test):
            continue
        if isinstance(test, type):
            if unittest and issubclass(test, unittest.TestCase):
                result = unittest.defaultTestLoader.loadTestsFromTestCase(test).run(unittest.TestResult())
                for _, told in result.failures:
                    raise AssertionError(told[-400:])
                if not result.wasSuccessful():
                    raise RuntimeError([told[-400:] for _, told in result.errors])
            elif name.startswith("Test"):
                for part in dir(test):
                    if part.startswith("test"):
                        finish(getattr(test(), part)())
        elif name == "check":
            finish(test(given[entry]))
        elif name.startswith("test"):
            finish(test())
