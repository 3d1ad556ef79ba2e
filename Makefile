# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The front door. Needs python3 (3.11 or newer, with venv), make and git; everything else goes into .venv and .nox here.
# Another interpreter: make test PYTHON=python3.13

PYTHON ?= python3
VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
COLLECTIONS := $(VENV)/collections
# uv needs a fraction of pip's time.
INSTALL := $(VENV)/bin/uv pip install --quiet --python $(VENV_PYTHON) --require-hashes -r
VERSION := $(shell sed -n 's/^version: *//p' galaxy.yml)
ARTIFACT := build/community-komfortkasse-$(VERSION).tar.gz
SOURCES := $(shell find galaxy.yml README.md CHANGELOG.* LICENSE LICENSES meta plugins playbooks docs changelogs -type f -not -name '*.pyc' 2>/dev/null)

STATIC_CHECKS := ansible-lint typing docs-check formatters codeqa yamllint license-check extra-checks workflows changelog antsibull-nox-config
# The longest first: they run side by side.
CHECKS := docs-examples integration awx units oldest sanity browser artifact build-import-check docs $(STATIC_CHECKS)
# What takes long: every fault, many shops and orders, interrupted runs, other Pythons.
PROOFS := proof playbooks units-modules

# What is set around this checkout must not reach into it.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV ANSIBLE_CONFIG ANSIBLE_LIBRARY
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/$(COLLECTIONS)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Runs checks side by side, as many at a time as there are processors. The last line counts tests; a check counts as one.
side_by_side = rm -rf .nox/logs tests/output; mkdir -p .nox/logs; \
  $(MAKE) --no-print-directory --keep-going --jobs=$$(getconf _NPROCESSORS_ONLN) $(1:%=check-%); status=$$?; \
  passed=$$(cat .nox/logs/*.ok tests/output/*/junit/*.xml 2>/dev/null | grep -oE '<testcase |^ok$$' | wc -l); \
  failed=$$(cat .nox/logs/*.failed 2>/dev/null | wc -l); \
  echo "$$passed passed, $$failed failed"; exit $$status
# Nobody would read these until it is too late. PendingDeprecationWarning is for the authors of libraries.
DEPRECATION := DEPRECATION WARNING|(^|[^g])DeprecationWarning|FutureWarning

.DEFAULT_GOAL := help
.PHONY: help demo test test-matrix coverage mutation proof benchmark lint format sanity units integration docs links build lock clean

help: ## List the targets
	@sed -n 's/^\([a-z -]*\):.*## \(.*\)/\1:\2/p' Makefile | while IFS=: read -r targets text; do \
	  for target in $$targets; do printf '  make %-14s %s\n' "$$target" "$$text"; done; done

demo: $(VENV)/.collection ## Cancel orders of a simulated shop: check mode, for real, and again; then find late payments
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(VENV_PYTHON) tests/demo

test: $(VENV)/.dev ## Run the checks and tests but those of make proof
	@$(call side_by_side,$(CHECKS))

test-matrix: $(VENV)/.dev ## Test with all supported releases of ansible-core, Python and requests that are found here
	@$(VENV_PYTHON) -m nox -t matrix

# One check: a nox session, its output in a file, and on the screen if it fails.
check-%: $(VENV)/.dev
	@log=.nox/logs/$*.log; start=$$(date +%s); mkdir -p .nox/logs; \
	if CI=true NO_COLOR=1 $(VENV_PYTHON) -m nox --non-interactive -s $* >$$log 2>&1 </dev/null && ! grep -qE '$(DEPRECATION)' $$log; then \
	  echo ok >.nox/logs/$*.ok; printf '  ok      %-20s %5d s\n' $* $$(($$(date +%s) - start)); \
	else \
	  cat $$log; grep -nE '$(DEPRECATION)' $$log; \
	  echo $* >.nox/logs/$*.failed; printf '  FAILED  %-20s %5d s\n' $* $$(($$(date +%s) - start)); exit 1; fi

coverage: $(VENV)/.dev ## Count how much of plugins/ the unit and integration tests run: at least 98 %
	@$(VENV_PYTHON) -m nox -s coverage

proof: $(VENV)/.dev ## Run into every fault in every way, with many shops, orders and random runs; be interrupted
	@$(call side_by_side,$(PROOFS))

mutation: $(VENV)/.dev ## Change the code a little, many times over: do the unit tests notice? This takes hours
	@$(VENV_PYTHON) -m nox -s mutation

benchmark: $(VENV)/.collection $(VENV)/.benchmark ## Measure how long thousands of orders take, write docs/performance.md
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(VENV_PYTHON) tests/benchmark

lint: $(VENV)/.dev ## Run the checks that need no ansible-test
	@$(call side_by_side,$(STATIC_CHECKS))

format: $(VENV)/.dev ## Format the Python code
	@$(VENV_PYTHON) -m nox -s formatters

sanity units integration: $(VENV)/.dev ## Run this part of ansible-test
	@$(VENV_PYTHON) -m nox -s $@

docs: $(VENV)/.dev ## Build the documentation site, build/docs/html
	@$(VENV_PYTHON) -m nox -s docs

links: $(VENV)/.dev ## Follow the links of the documentation site to other sites: do they lead anywhere?
	@$(VENV_PYTHON) -m nox -s links

build: $(ARTIFACT) ## Build the collection's artifact, build/*.tar.gz

lock: $(VENV)/.dev ## Resolve requirements/*.in into the releases that are installed, with their hashes
	@for name in uv demo dev benchmark checks importer mutation; do \
	  $(VENV_PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --no-annotate --generate-hashes \
	    --custom-compile-command 'make lock' "requirements/$$name.in" -o "requirements/$$name.txt" || exit 1; done

clean: ## Remove everything that these targets made
	rm -rf .venv .nox .ansible .mypy_cache .ruff_cache build tests/output

$(VENV)/.python: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("$(PYTHON) is Python %d.%d, but Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..." % sys.version_info[:2])'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV_PYTHON) -m pip install -qq -r requirements/uv.txt
	@touch $@

$(VENV)/.demo: requirements/demo.txt $(VENV)/.python
	@echo "Installing ansible-core and what the demo needs into $(VENV)"
	@$(INSTALL) requirements/demo.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.python
	@echo "Installing nox into $(VENV)"
	@$(INSTALL) requirements/dev.txt
	@touch $@

$(VENV)/.benchmark: requirements/benchmark.txt $(VENV)/.demo
	@echo "Installing what the benchmark needs into $(VENV)"
	@$(INSTALL) requirements/benchmark.txt
	@touch $@

$(ARTIFACT): $(SOURCES) tests/tools/build_artifact.py $(VENV)/.demo
	@echo "Built $$($(VENV_PYTHON) tests/tools/build_artifact.py . build)"

$(VENV)/.collection: $(ARTIFACT)
	@$(VENV_PYTHON) -m ansible galaxy collection install --force --offline -p $(COLLECTIONS) $(ARTIFACT) >/dev/null
	@touch $@
