# daytona-tui: `make` prints this help; `make run` and `make test` are all that most people need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
# xdist workers; three suit two cores, for tests of a program that waits wait with it
JOBS   ?= 3

.DEFAULT_GOAL := help
.PHONY: help run test setup sandbox console check lint types imports spelling test-fast test-ui test-terminal \
        test-contract baselines screenshots recording benchmark docs docs-check build smoke clean

help: ## show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-15s %s\n", $$1, $$2}'

run: setup ## set up what is missing, then open the program on an embedded local Daytona
	@$(BIN)/daytona-tui --local

# In the order of the folders the quick unit tests come last, and no worker ends alone with a long scenario.
test: setup ## set up what is missing, then run every test
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -q

setup: $(STAMP) ## the environment alone (in .venv)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "daytona-tui needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing. On Debian: apt install python3-venv" >&2; rm -rf $(VENV); exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

sandbox: setup ## open the program on another fleet: make sandbox SEED=fleet:200
	@$(BIN)/daytona-tui --local --seed $(or $(SEED),demo)

check: setup lint types imports spelling test-fast ## the gate: lint, types, imports, spelling, fast tests

lint: setup ## ruff: format and rules
	$(BIN)/ruff format --check src tests benchmarks screenshots docs
	$(BIN)/ruff check src tests benchmarks screenshots docs

types: setup ## mypy strict over src and tests
	$(BIN)/mypy

imports: setup ## import-linter: who may import whom
	$(BIN)/lint-imports

spelling: setup ## codespell over everything
	$(BIN)/codespell src tests docs benchmarks *.md Makefile pyproject.toml

# They wait for nothing, so more workers than cores gain nothing.
test-fast: setup ## unit and architecture tests
	$(BIN)/python -m pytest -n auto --maxprocesses 4 -q tests/unit tests/architecture

test-contract: setup ## emulator and gateway, through the real SDK
	$(BIN)/python -m pytest -q tests/emulator tests/contract

test-ui: setup ## panes, screens and their pictures
	$(BIN)/python -m pytest -q tests/ui tests/baselines

test-terminal: setup ## the installed program in a real terminal
	$(BIN)/python -m pytest -q tests/terminal

build: setup ## wheel and sdist in dist/
	$(BIN)/python -m build --outdir dist .

clean: ## remove what the other targets made
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis snapshot_report.html

smoke: setup ## build the wheel and try it in an empty environment
	rm -rf build/smoke && mkdir -p build/smoke
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w build/smoke .
	$(PYTHON) -m venv build/smoke/venv
	build/smoke/venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt build/smoke/*.whl
	build/smoke/venv/bin/daytona-tui --version
	build/smoke/venv/bin/python tests/smoke.py build/smoke/venv/bin/daytona-tui

baselines: setup ## rewrite the reference pictures (look at them before committing)
	$(BIN)/python -m pytest -q tests/baselines --snapshot-update

screenshots: setup ## take the README's pictures from the emulator
	$(BIN)/python screenshots/take.py

recording: setup ## record a minute with the program: an asciicast and a moving picture
	$(BIN)/python screenshots/record.py

benchmark: setup ## first paint, listing, ten thousand sandboxes, the emulator: medians and ratios
	$(BIN)/python benchmarks/first_paint.py
	$(BIN)/python benchmarks/listing.py
	$(BIN)/python benchmarks/leaks.py
	$(BIN)/python benchmarks/file_tree.py
	$(BIN)/python benchmarks/log_paint.py
	$(BIN)/python benchmarks/transfer.py
	$(BIN)/python benchmarks/console.py
	$(BIN)/python benchmarks/fleet.py
	$(BIN)/python benchmarks/emulator.py

docs: setup ## rewrite the generated tables of README and docs
	$(BIN)/python docs/generate.py

docs-check: setup ## are the generated tables fresh?
	$(BIN)/python docs/generate.py --check
