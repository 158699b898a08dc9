# Everything runs in .venv, which .ci/bootstrap.py builds on a machine that has only Python 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
EVENTS ?= 100000
LIVES ?= 200
ROUNDS ?= 30
SEED ?= 1
EXAMPLES ?= 100
SEEDS ?= 1 2 3
# What Python compiled is kept, also where the environment says otherwise: a program then starts in a third of the time.
export PYTHONDONTWRITEBYTECODE :=
ROOMS := plangate schema resolvers models billing widgets_config

.DEFAULT_GOAL := help
.PHONY: wide bench costs help venv node demo test faults fuzz outages relay workers check pyright mypy style format schema schema-diff migrate requirements clean machine

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-20s %s\n' "$$name" "$$text"; done

venv: ## the environment, rebuilt when the pins change
	@$(PYTHON) .ci/bootstrap.py

node: venv ## npm packages of the tests (audits, a browser), refilled when their lock file changes
	@$(PYTHON) .ci/npm.py

demo: venv ## a running gateway with a catalog, customers and keys, on SQLite
	@$(BIN)/plangate demo

test: venv ## everything that has to hold
	@$(MAKE) --no-print-directory -j 2 pyright mypy style schema-diff node
	$(BIN)/pytest -q -n $(WORKERS)

wide: venv ## every test in its whole width: what `make test` takes a part of; some forty minutes
	@$(MAKE) --no-print-directory -j 2 pyright mypy style schema-diff node
	PLANGATE_TEST_WIDE=1 $(BIN)/pytest -q -n $(WORKERS)

faults: venv ## kill gateways and servers, cut the power under SQLite, and look for what was lost; some ten minutes
	$(BIN)/python -m tests.faults --rounds $(ROUNDS) --seed $(SEED)

fuzz: venv ## send Schemathesis's examples of every root field to a gateway on both databases; some twenty minutes
	$(BIN)/python -m tests.fuzz --examples $(EXAMPLES) --seeds $(SEEDS)

relay: venv ## eight writers, two workers of which one is killed, one reader by position: events that were skipped, and the rate
	$(BIN)/python -m tests.estate.relay --events $(EVENTS)

workers: venv ## three workers over many due rows, one killed half-way: what was done twice or not at all; ROUNDS of them
	$(BIN)/python -m tests.estate.due --rounds $(ROUNDS) --seed $(SEED)

outages: venv ## stop, slow and silence the database with the settings as shipped, and print how soon it is told and over
	PLANGATE_TEST_OUTAGES=1 $(BIN)/pytest -q -s tests/outages/test_outages.py tests/outages/stopped.py

machine: venv ## live many random lives of a counted feature on both databases, against plain books; LIVES=200 take some ten minutes
	PLANGATE_TEST_LIVES=$(LIVES) $(BIN)/pytest -q -n 2 tests/scenarios/test_machine.py

costs: venv ## ask for each field as greedily as can be, and print the processor time of a thousand points; some ten minutes
	$(BIN)/python -m tests.costs

check: venv ## linters, types and the rules between rooms
	@$(MAKE) --no-print-directory -j 2 pyright mypy style

pyright: venv
	$(BIN)/pyright

mypy: venv
	$(BIN)/mypy

style: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: venv ## put the code in its form
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

schema: venv ## print the schema into schema/schema.graphql
	$(BIN)/plangate schema > schema/.schema.graphql.new
	mv schema/.schema.graphql.new schema/schema.graphql

schema-diff: venv ## fail when schema/schema.graphql is not what the code promises
	@$(BIN)/plangate schema | diff -u schema/schema.graphql - || { echo 'Run `make schema` and commit the result.'; exit 1; }

migrate: venv ## bring the database of the settings to the newest revision
	$(BIN)/plangate migrate

bench: venv ## measure, and print figures with the machine they were made on (RESULTS.md keeps some)
	$(BIN)/python -m benchmarks.peers --picture
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.reads
	$(BIN)/python -m benchmarks.hot_customer
	$(BIN)/python -m benchmarks.previews
	$(BIN)/python -m benchmarks.renewals
	$(BIN)/python -m benchmarks.cancels

COMPILE = $(PYTHON) .ci/bootstrap.py $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml

requirements: venv ## compile the pins from pyproject.toml
	$(COMPILE) -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt

clean: ## remove what can be made again, except the demo's files in var/
	rm -rf .venv tests/node/node_modules benchmarks/peers/node/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(ROOMS) tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
