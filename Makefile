PYTHON ?= python3

.PHONY: setup
setup:
	@$(PYTHON) -m scripts.setup --tests
