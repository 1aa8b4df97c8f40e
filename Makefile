.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help: ## prints these lines
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/run.stamp: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/run.stamp ## starts everything here: shop and phone to try, web, clock, worker
	@$(BIN)/python start.py

demo-data: $(VENV)/run.stamp ## plays a made-up year of the sandbox shop, for the merchant's pages
	$(BIN)/python -m demo

test: $(VENV)/dev.stamp machine ## runs all tests, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n auto --dist loadfile

machine: $(VENV)/dev.stamp ## installs what tests need besides Python: PHP, WordPress, Chromium, npm
	$(BIN)/python -m tests.standins.wordpress.needs

plugin: $(VENV)/run.stamp ## packs the WordPress plugin into dist/relance.zip
	$(BIN)/python -m in_shop.wordpress.pack dist/relance.zip

screenshots: $(VENV)/dev.stamp machine ## pictures every merchant page into var/screenshots, to be looked through
	PICTURES=var/screenshots $(BIN)/python -m pytest -q tests/web/test_pages_seen.py

captures: $(VENV)/dev.stamp ## reads every recorded exchange of ../shared/captures
	$(BIN)/python -m pytest -m captures

lint: $(VENV)/dev.stamp ## style, types, who may import whom, known holes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive --severity-level medium --skip B608,B704 recovery connectors worker web in_shop *.py
	$(BIN)/python -m tests.audit

bench: $(VENV)/dev.stamp ## measures everything in bench/, each figure beside its anchor
	$(BIN)/python -m bench --write

clean: ## removes the environment; var/ with the data stays
	rm -rf $(VENV)

.PHONY: help run demo-data test machine plugin screenshots captures lint bench clean
