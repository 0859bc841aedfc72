"""Runs a whole test inside the second box, as its source; there the candidate's functions are proxies. Written to be read there: it imports nothing above.

What tests is run whatever its shape: statements, functions named test* or check(candidate), coroutines and generators of that name, unittest's
classes, and plain classes named Test*. A name that a test does not define itself and no proxy has is Python's own. Not covered: pytest's fixtures.
"""


def _run_tests(text, entry, proxies):  # type: ignore[no-untyped-def]
    import sys

    def finish(came):  # type: ignore[no-untyped-def]
        if hasattr(came, "cr_frame"):
            import asyncio

            asyncio.run(came)
        elif hasattr(came, "gi_frame"):
            list(came)

    given = {name: globals()[name] for name in proxies}
    names = {"__name__": "candidate", **given}
    exec(compile(text, "tests.py", "exec"), names)
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
                        finish(getattr(test(), part)())  # type: ignore[no-untyped-call]
        elif name == "check":
            finish(test(names[entry]))  # type: ignore[no-untyped-call]
        elif name.startswith("test"):
            finish(test())  # type: ignore[no-untyped-call]
