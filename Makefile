# The two commands of a newcomer are `make run` and `make test`; README.md says more.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: run test check story setup migrate bench check-install

run:
	@$(PYTHON) -m scripts.setup
	@.venv/bin/python -m scripts.serve --host $(HOST) --port $(PORT)

# Everything that running and testing need, without doing either.
setup:
	@$(PYTHON) -m scripts.setup --tests
