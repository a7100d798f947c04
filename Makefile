# The commands of this repository. Every target does its own set-up; `make help` lists them.

BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo test check bench golden fuzz soak lock oldest pythons clean setup-demo setup-test

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

demo: setup-demo ## The whole story on an embedded fleet, in under 30 seconds
	@$(BIN)/matrix demo

test: setup-test ## Prove it: formatting, lint, types, layers, all tests
	@scripts/test.sh

check: setup-test ## The static part of `make test` alone: formatting, lint, types, layers
	@scripts/test.sh static

bench: setup-test ## Measure beside peers, which it installs (minutes); prints ratios and medians
	@scripts/bench.sh

golden: setup-test ## Make golden cases, shown outputs and reference pages anew; read the difference before committing it
	@scripts/golden.sh

fuzz: setup-test ## 100,000 each of hostile texts, requests at dmetad, answers of hosts, SSH servers, and streams to hosts; new examples for all properties
	@$(BIN)/python tests/grammar/fuzz/run.py
	@$(BIN)/python tests/dmetad/fuzz/dmetad_fuzz.py 100000
	@$(BIN)/python tests/distributor/fuzz/run.py
	@$(BIN)/python tests/sources/differential/run.py
	@MATRIX_EXAMPLES=new $(BIN)/python -m pytest -q $$(grep -rl --include='test_*.py' '^from hypothesis' tests)

soak: setup-test ## 1,000 edits while hosts and the daemon die; every fault at once on 100 hosts; every verb with every stream and disk (minutes)
	@$(BIN)/python tests/soak/run.py
	@$(BIN)/python tests/soak/faults.py
	@$(BIN)/python tests/console/streams/run.py

lock: ## Make the lock files anew from pyproject.toml
	@scripts/lock.sh

oldest: ## The fast tests with the oldest version of every dependency that pyproject.toml allows (minutes, from the index)
	@scripts/oldest.sh

pythons: ## The fast tests and the demo with every further Python that pyproject.toml names (minutes, from the index)
	@scripts/pythons.sh

clean: ## Remove everything that these targets made
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup-demo:
	@scripts/setup.sh requirements.lock

setup-test:
	@scripts/parts.sh
	@scripts/setup.sh requirements-dev.lock
