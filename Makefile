# The few commands to remember; `make help` lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: help run test quick soak lint bench load

help:  ## List the commands.
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' $(MAKEFILE_LIST)

run: .venv/run  ## Serve on http://127.0.0.1:8000 and deliver to webhooks, after setting everything up the first time.
	@$(BIN)/flask --app wsgi crm setup
	@$(BIN)/flask --app wsgi crm deliver & deliverer=$$!; \
	$(BIN)/gunicorn wsgi:app & server=$$!; \
	trap "kill $$server" INT TERM; \
	while kill -0 $$server 2>/dev/null; do wait $$server; code=$$?; done; \
	kill $$deliverer 2>/dev/null; wait $$deliverer; exit $$code

test: .venv/dev  ## Run the tests on every store and with every tool that is there.
	$(BIN)/python -m pytest -q -n auto

quick: .venv/dev  ## Run the tests that need nothing but SQLite.
	$(BIN)/python -m pytest -q -n auto --quick

soak: .venv/dev  ## Much more: 200 random requests of each operation, 100,000 mutated ones, 5,000 through three teams, ten times the load on workers.
	CRM_TEST_EXAMPLES=$${CRM_TEST_EXAMPLES:-200} CRM_TEST_SOAK_REQUESTS=$${CRM_TEST_SOAK_REQUESTS:-5000} \
		CRM_TEST_SOAK_LOAD=$${CRM_TEST_SOAK_LOAD:-10} CRM_TEST_SOAK_SECONDS=$${CRM_TEST_SOAK_SECONDS:-60} \
		CRM_TEST_SOAK_ROWS=$${CRM_TEST_SOAK_ROWS:-20000} CRM_TEST_QUESTIONS=$${CRM_TEST_QUESTIONS:-2000} \
		CRM_TEST_SOAK_WRITES=$${CRM_TEST_SOAK_WRITES:-2000} \
		CRM_TEST_SOAK_MUTATIONS=$${CRM_TEST_SOAK_MUTATIONS:-100000} \
		CRM_TEST_SOAK_QUERIES=$${CRM_TEST_SOAK_QUERIES:-10000} CRM_TEST_SOAK_DOCUMENTS=$${CRM_TEST_SOAK_DOCUMENTS:-10000} \
		$(BIN)/python -m pytest -q tests/openapi/test_schemathesis.py tests/http/test_mutations.py tests/access/test_team_walk.py \
		tests/test_workers.py tests/changes/test_followers.py tests/lists/test_walks_at_once.py \
		tests/lists/test_questions.py tests/lists/test_memory.py tests/records/test_keys_at_once.py tests/transfer/test_sizes.py \
		tests/schemas/test_totals.py tests/webhooks/test_crashes.py

lint: .venv/dev  ## Check style and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/run  ## Measure. PART=floor, batch, changes, contacts, growth, import, load, logs, queries, row-security, sqlite, webhooks; versions, versions-sqlite with BASE=<commit>, LEADS=<number>. ROUNDS=<number>.
	$(BIN)/python -m benchmarks.run $(PART) $(BASE:%=--base %) $(LEADS:%=--leads %) $(ROUNDS:%=--rounds %)

load: .venv/run  ## Ten minutes of mixed traffic at 60 % of what two workers can do: no errors, nothing grows, no long waits. MINUTES=<number>.
	$(BIN)/python -m benchmarks.run load $(MINUTES:%=--minutes %)

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
