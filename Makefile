# `make demo` and `make test` do everything on a fresh clone. They need Python 3.11 or newer, git, and a package index.
# `make help` lists the rest.

# The first Python on PATH that runs and is new enough: a pyenv shim may stand for a version that is not there.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
IMPORTER := .cache/venvs/galaxy-importer

export PATH := $(CURDIR)/$(BIN):$(PATH)
# A copy of the collection in ~/.ansible/collections would be found before this checkout.
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Ansible refuses to start without UTF-8.
export LC_ALL := C.UTF-8
# Where it is set, every ansible-playbook compiles the whole collection again: a third of what its start costs.
unexport PYTHONDONTWRITEBYTECODE
# Recorded trees of real BMCs, where they lie beside the checkout; without them their tests say that they were skipped.
export BMC_TREES ?= $(abspath $(wildcard ../shared/trees))

# Cheap gates first; the first that fails ends the run. Those of one thread each have the lowest priority beside the integration
# tests, which wait for BMCs a sixth of their time.
CHECK := ruff mypy imports units
SINGLE := sanity changelog docs lint importer molecule
GATES := ruff imports mypy units long

# ansible-lint and molecule colour their output for files, too.
ifndef MAKE_TERMOUT
export NO_COLOR := 1
endif

.PHONY: help demo test check bench matrix soak interop clean packages integration beside $(GATES) $(SINGLE)
ifeq ($(filter beside $(SINGLE),$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

demo: .venv/.demo  ## a simulated fleet that is powered off, on and around, and gets new firmware
	@$(BIN)/python -m tests.demo

test: packages $(GATES)  ## every gate
	@echo; echo "All gates passed: $(GATES:long=integration $(SINGLE))"

packages:
	@tests/tools/debian_packages.sh openssh-server chromium docker-registry

long: .venv/.dev $(IMPORTER)/.ready
	@$(MAKE) --no-print-directory -j2 integration beside

beside:
	@nice -n 19 $(MAKE) --no-print-directory --keep-going -Otarget $(SINGLE)

check: $(CHECK)  ## the fast gates

bench: .venv/.dev  ## CPU, wall time and requests of a task, against community.general
	@$(BIN)/python -m tests.bench

soak: .venv/.dev  ## what is too long for make test: every fault on every dialect, every test both ways, new examples
	$(call gate,$(BIN)/pytest -n 2 -m '' --soak tests/integration && $(BIN)/pytest -n 2 -m '' --hypothesis-profile=soak tests/unit)

interop: .venv/.interop  ## what real peers make of it: OpenBao, cosign, sigstore's libraries
	$(call gate,$(BIN)/pytest tests/interop)

matrix: .venv/.dev  ## unit, sanity and keyword tests on every supported ansible-core; fails where one could not be tried
	@$(BIN)/nox --error-on-missing-interpreters

clean:  ## remove the environment, caches and builds
	rm -rf .venv .cache .nox .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache tests/output

# A gate prints its name, what its command prints, and the seconds it took. Its command may hold no comma.
define gate
@echo; echo "=== $@"; start=$$(date +%s); if $(1); then echo "--- $@ passed in $$(( $$(date +%s) - start )) s"; \
else echo "--- $@ FAILED after $$(( $$(date +%s) - start )) s"; exit 1; fi
endef

ruff: .venv/.dev  ## lint and formatting
	$(call gate,$(BIN)/ruff check . && $(BIN)/ruff format --check .)

changelog: .venv/.dev  ## changelog fragments
	$(call gate,$(BIN)/antsibull-changelog lint)

mypy: .venv/.dev  ## types, strict
	$(call gate,$(BIN)/mypy)

imports: .venv/.dev  ## the floors of the house
	$(call gate,$(BIN)/lint-imports --no-logo)

docs: .venv/.dev  ## documentation of modules and plugins
	$(call gate,$(BIN)/antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all .)

units: .venv/.dev  ## unit tests
	$(call gate,$(BIN)/pytest -n 2 tests/unit)

lint: .venv/.dev  ## ansible-lint, profile production
	$(call gate,$(BIN)/ansible-lint)

sanity: .venv/.dev  ## ansible-test sanity of the plugins; make matrix judges the tests, too
	$(call gate,$(BIN)/python -m tests.tools.sanity .cache/sanity plugins/)

importer: .venv/.dev $(IMPORTER)/.ready  ## build the collection and import it as Galaxy would
	$(call gate,$(BIN)/python -m tests.tools.galaxy_import $(IMPORTER)/bin/python)

molecule: .venv/.dev  ## a user's journey
	$(call gate,$(BIN)/molecule test --all)

integration: .venv/.dev  ## ansible-playbook against the simulated fleet
	$(call gate,$(BIN)/pytest -n 2 tests/integration)

.venv/.demo: requirements.txt requirements-demo.txt
	@test -n '$(PYTHON)' && '$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo 'Python 3.11 or newer is needed, found "$(PYTHON)". Name one: make PYTHON=/path/to/python3.11 ...'; exit 1; }
	'$(PYTHON)' -m venv .venv
	$(BIN)/pip install --quiet --requirement requirements-demo.txt
	$(BIN)/python -m tests.tools.link_collection
	@touch $@

.venv/.dev: .venv/.demo requirements-dev.txt
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	@touch $@

# On its own: it pins what it needs, and next to other tools pip falls back to a release of years ago.
$(IMPORTER)/.ready: .venv/.demo
	$(BIN)/python -m venv $(IMPORTER)
	$(IMPORTER)/bin/pip install --quiet 'galaxy-importer>=0.4.44,<0.5'
	@touch $@

.venv/.interop: .venv/.dev tests/interop/requirements.txt tests/interop/fetch.py tests/interop/sigstore_js/package.json
	$(BIN)/pip install --quiet --requirement tests/interop/requirements.txt
	$(BIN)/python -m tests.interop.fetch .cache/interop
	@touch $@
