# make demo: sets up and runs the main job.   make test: sets up and passes the tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test torture bench clean

$(VENV)/base: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e .
	touch $@

$(VENV)/dev: $(VENV)/base
	$(BIN)/python -m pip install --quiet -e '.[dev,local]'
	touch $@

demo: $(VENV)/base
	$(BIN)/mintmark demo --out runs

test: $(VENV)/dev
	$(BIN)/ruff check src tests bench
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not slow and not torture" -n 2 --dist loadfile

torture: $(VENV)/dev
	$(BIN)/python -m pytest -m torture tests/runner

bench: $(VENV)/dev
	$(BIN)/python bench/engine.py

clean:
	rm -rf $(VENV) runs build dist .pytest_cache .mypy_cache .ruff_cache
