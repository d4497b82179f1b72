# The two commands of a newcomer are `make run` and `make test`; README.md says more.
# Which Python makes .venv; without a word the best that is there: make test PYTHON=/opt/python/bin/python3
PYTHON ?=
FOUND = python=$$(sh scripts/find_python.sh $(PYTHON)) && $$python
HOST ?= 127.0.0.1
PORT ?= 8000
VENV_PYTHON = .venv/bin/python

.PHONY: run test check story bench pictures check-install mutants setup lock

run:
	@$(FOUND) -m scripts.setup
	@$(VENV_PYTHON) -m scripts.serve --host $(HOST) --port $(PORT)

test: setup
	@$(VENV_PYTHON) -m scripts.run_tests $(if $(PART),"$(PART)")

check: setup
	@$(VENV_PYTHON) -m scripts.check

# The main journey through HTTP against a fresh server.
story: setup
	@$(VENV_PYTHON) -m scripts.story

# One benchmark: make bench NAME=exams
bench: setup
	@$(VENV_PYTHON) -m bench $(NAME)

# Every page of the demo on a phone and at a desk, into build/pictures; the README's too. NAME=verif takes some.
pictures: setup
	@$(VENV_PYTHON) -m scripts.pictures $(NAME)

# Whether the tests notice changed rules, states, access and row scopes: make mutants SAMPLE=100 ROOM=items
mutants: setup
	@$(VENV_PYTHON) -m scripts.mutants

# Fresh Debian 12 and 13 roots, as root and as a user, each started twice; FULL=bookworm runs the tests in one.
check-install:
	@$(FOUND) -m scripts.check_install

# Everything that running and testing need, without doing either.
setup:
	@$(FOUND) -m scripts.setup --tests

# After a change of the dependencies in pyproject.toml.
lock:
	@$(VENV_PYTHON) -m scripts.lock
