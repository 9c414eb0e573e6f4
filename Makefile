# Thin: each target is a line or two over `course`, pytest or jupyter. `make setup` runs by itself where it is needed.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup lab demo build test bench

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[instructor,test]'
	touch $@

lab: $(READY)
	$(BIN)/jupyter lab --ServerApp.root_dir=. release/01-data-loading/data-loading.ipynb

demo: $(READY)
	$(BIN)/course demo

build: $(READY)
	$(BIN)/course build
	$(BIN)/course release

test: $(READY)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(READY)
	$(BIN)/python -m benchmarks.loading
	$(BIN)/python -m benchmarks.als
	$(BIN)/python -m benchmarks.sgd
	$(BIN)/python -m benchmarks.pytorch_mf
	$(BIN)/python -m benchmarks.wrmf
	$(BIN)/python -m benchmarks.bpr
	$(BIN)/python -m benchmarks.warp
	$(BIN)/python -m benchmarks.league
	$(BIN)/python -m benchmarks.grading
