# All that a maintainer does. A target's sentence after ## is what `make help` prints.
PYTHON ?= python3
# Most tests wait for a device or a deadline, not for the processor.
WORKERS ?= $(shell echo $$((2 * $$(nproc))))
PYTEST_ARGS ?=
STATES ?= 1000000
IMAGES ?= 1000000
RUNS ?= 10000
LAPS ?= 100
KILLS ?= 300
STRIDE ?= 1
SEED ?= 0
FAULTS_ARGS ?=

VENV := .venv
RUN := $(VENV)/bin/python
export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo demo-counter test check bench crash kill faults peers install-check pins clean

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.ready ## Show a sale's life on a simulated terminal box: printed, signed, reprinted, interrupted, settled.
	@$(RUN) -m tests.demo

demo-counter: $(VENV)/.ready ## Show an afternoon at the counter: lost receipt, refused copies, shift change with an unsigned slip, evidence.
	@$(RUN) -m tests.demo_counter

test: $(VENV)/.ready ## Run every test except the benchmarks and the virtual machine.
	@$(RUN) -m pytest tests --ignore=tests/bench -n $(WORKERS) --maxprocesses 8 --dist worksteal $(PYTEST_ARGS)

check: $(VENV)/.ready ## Run only the contracts: lint, types, rooms, documents in sync, units, rules.
	@$(RUN) -m pytest tests/contract -n $(WORKERS) --maxprocesses 8 --dist worksteal $(PYTEST_ARGS)

bench: $(VENV)/.ready ## Measure posd beside its peers, print the ratios and write bench-out/results.json.
	@$(RUN) -m tests.bench

crash: $(VENV)/.ready ## Try the journal at length: mutants, STATES power cuts, IMAGES tampered with, RUNS of a model, LAPS.
	@$(RUN) -m tests.crash --states $(STATES) --images $(IMAGES) --runs $(RUNS) --laps $(LAPS)

kill: $(VENV)/.ready ## Kill a working posd KILLS times under eight tills and check that nothing is lost; the seed is printed.
	@$(RUN) -m tests.kill $(KILLS)

faults: $(VENV)/.ready ## Play every fault at each STRIDE-th byte of a slip with SEED (all of it: two hours on two cores; FAULTS_ARGS="--sample 10000").
	@$(RUN) -m tests.faults --stride $(STRIDE) --seed $(SEED) $(FAULTS_ARGS)

peers: $(VENV)/.ready ## Let programs of others print on the simulated printer and read posd's slips (Node; says what is skipped).
	@$(RUN) -m pytest tests/peers -n $(WORKERS) --maxprocesses 4 -rs $(PYTEST_ARGS)

install-check: ## Say what this machine lacks to build and test posd, and the one line that brings it.
	@.ci/preflight.sh

pins: ## Pin the newest versions that pyproject.toml allows, in .ci/pins.txt.
	@$(PYTHON) .ci/pins.py

clean: ## Remove all that was made here, the virtual environment too.
	@rm -rf $(VENV) bench-out build demo-out demo-counter-out dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The pinned packages: built anew, from nothing, whenever a pin changes.
$(VENV)/.pins: .ci/pins.txt
	@.ci/preflight.sh
	@echo "posd: making $(VENV) (once; about a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(RUN) -m pip install --quiet --use-pep517 --no-deps -r .ci/pins.txt || \
		{ echo "posd: pip could not install the pinned packages (above). Nothing outside $(VENV) was touched; run make again when the package index can be reached." >&2; exit 1; }
	@touch $@

# posd itself, in place: the commands posd and posctl stand in $(VENV)/bin.
$(VENV)/.ready: $(VENV)/.pins pyproject.toml posd/__init__.py
	@$(RUN) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
