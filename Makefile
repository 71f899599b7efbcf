# Two commands do all: `make demo` and `make test`.
VENV ?= .venv
VENV_VLLM ?= .venv-vllm
PY := $(VENV)/bin/python
VLLM_MODELS ?= .cache/vllm-models
export PYTHONDONTWRITEBYTECODE ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test setup lint types js unit pandas22 browser notebooks test-vllm bench-capture bundle clean

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: ## install into .venv, run notebook 01, leave it executed and as stand-alone HTML in out/
	@tools/setup.sh demo
	@$(PY) tools/demo.py

test: setup ## everything that CI runs: lint, types, js, unit (with the notebooks), pandas22, browser, test-vllm
	@VENV_VLLM=$(VENV_VLLM) tools/check_all.sh

setup:
	@tools/setup.sh test

lint: ## ruff, floor contracts, docstrings
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(PY) tools/check_tree.py

types: ## mypy, strict
	$(VENV)/bin/mypy

js: ## biome, tsc, vitest, and whether the committed bundle is fresh
	cd js && npm run --silent check
	@git diff --exit-code --stat -- xpubreak/view/static || { echo "The committed bundle is stale: commit what 'make bundle' wrote."; exit 1; }

unit: ## tests without a browser
	$(PY) -m pytest -q -m "not browser and not vllm" -n 2

pandas22: ## the tables once more with pandas 2.2, without what makes no table and takes longest
	@test -d $(VENV)-pandas22/pytz || $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --target $(VENV)-pandas22 "pandas==2.2.*" pytz
	PYTHONPATH=$(VENV)-pandas22 $(PY) -m pytest -q tests/breakdown tests/laws -p no:cacheprovider -n 2 \
	  --ignore tests/breakdown/compare/test_statistics.py --ignore tests/breakdown/test_original.py

notebooks: ## execute every notebook, but the one over vLLM
	$(PY) -m pytest -q tests/notebooks

# One test in some hundred over JupyterLab meets a page that two busy cores let wait: it may try once more, and is named.
browser: ## JupyterLab in Chromium
	$(PY) -m pytest -q -m browser -n 2 --dist loadfile --reruns 1 --rerun-show-tracebacks -rR

test-vllm: ## real vLLM on the CPU, tiny models: installed into .venv-vllm once
	@VENV_VLLM=$(VENV_VLLM) tools/vllm/install.sh
	@$(VENV_VLLM)/bin/python tools/vllm/models.py $(VLLM_MODELS) >/dev/null
	XPUBREAK_VLLM_MODELS=$(VLLM_MODELS) $(VENV_VLLM)/bin/python -m pytest -q -m vllm -p no:cacheprovider -n 2 --dist loadfile tests/vllm

bench-capture: ## overhead and trace size of a recorded vLLM step
	@VENV_VLLM=$(VENV_VLLM) tools/vllm/install.sh
	@$(VENV_VLLM)/bin/python tools/vllm/models.py $(VLLM_MODELS) >/dev/null
	XPUBREAK_VLLM_MODELS=$(VLLM_MODELS) $(VENV_VLLM)/bin/python tools/bench/capture_overhead.py

bundle: ## build the front end into xpubreak/view/static
	cd js && npm run --silent build

clean: ## remove what was built, but not .venv
	rm -rf out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis js/node_modules
