# The two commands of a newcomer are `make run` and `make test`; README.md says more.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV_PYTHON = .venv/bin/python

.PHONY: run test check story bench check-install setup lock

run:
	@$(PYTHON) -m scripts.setup
	@$(VENV_PYTHON) -m scripts.serve --host $(HOST) --port $(PORT)

test: setup
	@$(VENV_PYTHON) -m scripts.run_tests $(if $(PART),"$(PART)")

check:
	@$(PYTHON) -m scripts.setup --tests
	@$(VENV_PYTHON) -m scripts.check

# Everything that running and testing need, without doing either.
setup:
	@$(PYTHON) -m scripts.setup --tests

# After a change of the dependencies in pyproject.toml.
lock:
	@$(VENV_PYTHON) -m scripts.lock
