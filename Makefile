# Thin: each target is a line or two over `course`, pytest or jupyter. Where it is needed, `make setup` runs first.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3.14 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup lab demo check test coverage build book bench

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) setup.py
	@echo "Setting up $(VENV): some 130 packages, 2 GB, a few minutes the first time."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check -c constraints.txt -e '.[instructor,book,test]'
	touch $@

lab: $(READY)
	$(BIN)/jupyter lab --ServerApp.root_dir=. release/01-data-loading/data-loading.ipynb

demo: $(READY)
	$(BIN)/course demo

# For the daily work: a minute. The laws, and one seed of the proofs instead of twenty.
check: $(READY)
	$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	$(BIN)/mypy
	$(BIN)/course build --check
	MF_SEEDS=1 $(BIN)/pytest -q -n 2 tests/solutions

# Three processes on two cores: often one of them waits for a time limit to pass. A process that ends with a test
# is not replaced: the next one would begin with the same test.
test: $(READY)
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --max-worker-restart 0

coverage: $(READY)
	COVERAGE_FILE=$(CURDIR)/.coverage $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --max-worker-restart 0 --cov --cov-report=term:skip-covered

build: $(READY)
	$(BIN)/course build
	$(BIN)/course release

# Static pages in build/book/html. The first time it runs all notebooks, which takes two minutes.
book: $(READY)
	$(BIN)/python -c 'from pathlib import Path; from authoring.book import lay_out; lay_out(Path(), Path("build/book/pages"))'
	$(BIN)/sphinx-build -q -W --keep-going build/book/pages build/book/html
	@echo "Open build/book/html/index.html"

bench: $(READY)
	$(BIN)/python -m benchmarks.loading
	$(BIN)/python -m benchmarks.solvers
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.als
	$(BIN)/python -m benchmarks.sgd
	$(BIN)/python -m benchmarks.pytorch_mf
	$(BIN)/python -m benchmarks.wrmf
	$(BIN)/python -m benchmarks.ease
	$(BIN)/python -m benchmarks.bpr
	$(BIN)/python -m benchmarks.warp
	$(BIN)/python -m benchmarks.league
	$(BIN)/python -m benchmarks.controls
	$(BIN)/python -m benchmarks.grading
