# Targets say what they do in one line each; `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
DOCS ?=
Q ?=
LIMIT ?=
NAME ?=
SETS ?=
STOCK ?=
SCALE ?=
ONLY ?=
MINUTES ?=
TESTS ?=
# Index that torch comes from, such as https://download.pytorch.org/whl/cpu or …/cu126; empty: pip's own.
TORCH_INDEX ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ZHIKU := $(BIN)/zhiku
EVAL_OPTIONS := $(if $(LIMIT),--limit $(LIMIT)) $(if $(NAME),--name $(NAME))
SET_FOLDERS := $(sort $(dir $(wildcard $(SETS)/*/queries.jsonl $(SETS)/*/rgb_*.jsonl)))
SET_OPTIONS := $(if $(SETS),$(SET_FOLDERS:%=--data %))
RGB_OPTIONS := $(if $(SETS),$(patsubst %,--data %,$(sort $(dir $(wildcard $(SETS)/*/rgb_*.jsonl)))))
NOISE ?= 0 0.4 0.6 0.8 1
PACKAGES := models stores ingest retrieval generation app eval training

.DEFAULT_GOAL := help
.PHONY: help demo stop setup setup-dev chromium models ingest serve ui ask eval eval-gate eval-retrieval eval-answers compare-stock bench bench-scale train-reranker check format test test-gpu constraints clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## everything up on sample documents, one question in each language answered
	@$(ZHIKU) demo

stop: setup ## stop what `make demo` started
	@$(ZHIKU) stop

setup: $(VENV)/.installed ## the environment that running takes

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Zhiku needs Python 3.11 or newer; set PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

setup-dev: $(VENV)/.installed-dev ## the environment that the tests take, too

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --constraint constraints.txt $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@

chromium: ## the browser of the tests, where system packages may be installed
	@deploy/install-chromium

models: setup ## fetch the weights that are missing
	@$(ZHIKU) models pull

ingest: models ## load documents: make ingest DOCS=~/my-docs
	@test -n "$(DOCS)" || { echo "say which documents: make ingest DOCS=~/my-docs"; exit 2; }
	@$(ZHIKU) ingest $(DOCS)

serve: models ## the REST API, in the foreground
	@$(ZHIKU) serve

ui: setup ## the chat, in the foreground
	@$(ZHIKU) ui

ask: models ## one question: make ask Q='How many days of leave …?'
	@test -n "$(Q)" || { echo "say what you ask: make ask Q='…'"; exit 2; }
	@$(ZHIKU) ask "$(Q)"

eval: setup-dev models ## our own questions, searched and answered: LIMIT=40 takes fewer, NAME=… names the run
	@$(ZHIKU) eval --answers $(EVAL_OPTIONS)

eval-gate: eval ## the same, and fail below the floors of eval/gates.toml
	@$(ZHIKU) eval gate $(NAME)

eval-retrieval: setup-dev models ## search alone, stage by stage, with intervals, and beside the LlamaIndex stack: SETS=~/sets LIMIT=100; our own set without SETS
	@$(ZHIKU) eval $(SET_OPTIONS) --half reporting $(EVAL_OPTIONS)
	@$(ZHIKU) eval stages $(NAME)
	$(if $(SETS),@$(ZHIKU) eval stock $(SET_OPTIONS) --chunks 10000 $(LIMIT:%=--questions %))

eval-answers: setup-dev models ## answers, refusals and where the others were lost: our own set and, with SETS, RGB's noise
	@$(ZHIKU) eval --answers --half reporting $(EVAL_OPTIONS)
	@$(ZHIKU) eval causes $(NAME)
	$(if $(RGB_OPTIONS),@$(ZHIKU) eval --answers $(RGB_OPTIONS) $(NOISE:%=--noise %) $(LIMIT:%=--limit %) $(NAME:%=--name %-noise))
	$(if $(RGB_OPTIONS),@$(ZHIKU) eval causes $(NAME:%=%-noise))

compare-stock: setup-dev models ## beside the LlamaIndex stack at 10,000 and 100,000 chunks: SETS=~/sets, STOCK=… further options
	@test -n "$(SETS)" || { echo 'say which sets: make compare-stock SETS=~/sets'; exit 2; }
	@$(ZHIKU) eval stock $(SET_OPTIONS) $(STOCK)

bench: setup-dev models ## speed, each figure paired with its bare parts: ONLY="search load" runs some
	@$(BIN)/python -m eval.bench $(ONLY)

bench-scale: setup-dev models ## the index at 100,000 and 500,000 chunks: SETS=~/sets, SCALE=… further options
	@test -n "$(SETS)" || { echo 'say which sets: make bench-scale SETS=~/sets'; exit 2; }
	@$(BIN)/python -m eval.scale $(SET_OPTIONS) $(SCALE)

train-reranker: setup-dev models ## the reranker anew from public sets (hours): SETS=~/sets MINUTES=60
	@test -n "$(SETS)" || { echo "say where the sets are: make train-reranker SETS=~/sets"; exit 2; }
	@$(BIN)/python -m training.reranker $(SETS) $(HOME)/.zhiku/training $(if $(MINUTES),--minutes $(MINUTES))

check: setup-dev ## format, lint, types and the fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -m 'not real and not gpu'

format: setup-dev ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: setup-dev models chromium ## the whole test suite, real parts included: TESTS='-m real' runs some
	$(BIN)/python -m pytest -m 'not gpu' $(TESTS)

test-gpu: setup-dev ## what needs CUDA (vLLM where it is installed, transformers in 4 bits); says so where there is none
	@if $(BIN)/python -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then \
		$(BIN)/python -m pytest -m gpu; \
	else \
		echo "There is no CUDA here: the tests of vLLM and of transformers in 4 bits were not run."; \
	fi

constraints: setup-dev ## pin every installed package anew
	@$(PIP) freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt

clean: ## remove what was built here; your data in ~/.zhiku stays
	rm -rf $(VENV) build dist test-output .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
