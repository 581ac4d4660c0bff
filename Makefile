# One command for each thing one wants to do. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help set-up set-up-tests demo demo-reset test e2e chaos bench lint format messages lock

PORT ?= 8000
PYTHON_IN_VENV = .venv/bin/python
PYTEST = $(PYTHON_IN_VENV) -m pytest
# Without stored bytecode every start takes three times as long.
unexport PYTHONDONTWRITEBYTECODE
TEMPLATES = find templates -name '*.html'

help: ## list these commands
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

set-up:
	@bin/set-up

set-up-tests:
	@bin/set-up tests

demo: set-up ## try the portal on http://127.0.0.1:8000 (PORT=..., PHASE=intake, closed, review, ...)
	@$(PYTHON_IN_VENV) -u manage.py demo --port $(PORT) $(if $(PHASE),--phase $(PHASE))

demo-reset: set-up ## forget what was done in the demo
	@$(PYTHON_IN_VENV) manage.py demo --reset --no-serve $(if $(PHASE),--phase $(PHASE))

test: set-up-tests ## run all tests but the longest (ARGS="-k cutoff" for some of them)
	@$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -m "not long" $(ARGS)

e2e: set-up-tests ## run only the walks through the whole portal, the longest too
	@$(PYTEST) tests/journeys tests/decisions/test_twin_worlds.py tests/reviews/test_twin_*.py \
		tests/reviews/test_anonymous_worlds.py tests/chang_e8_portal/test_demo.py $(ARGS)

chaos: set-up-tests ## run the long set of what breaks in earnest (CHAOS_SEED=... repeats one)
	@CHAOS=long $(PYTEST) tests/chaos -s $(ARGS)

bench: set-up-tests ## measure speed and memory against what is promised (ARGS=--quick for a short look)
	@$(PYTHON_IN_VENV) -m bench $(ARGS)

lint: set-up ## check style, types, and that no migration is missing
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(TEMPLATES) -exec .venv/bin/djade --check --target-version 5.2 {} +
	@.venv/bin/mypy
	@$(PYTHON_IN_VENV) manage.py makemigrations --check --dry-run

format: set-up ## put code and templates into the one format
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .
	@$(TEMPLATES) -exec .venv/bin/djade --target-version 5.2 {} +

ZH = locale/zh_Hans/LC_MESSAGES/django.po
messages: set-up-tests ## collect texts to translate from the sources, and compile what is translated
	@$(PYTHON_IN_VENV) manage.py makemessages --locale=zh_Hans --no-wrap --add-location=file \
		--no-obsolete --ignore='.venv/*' --ignore='.data/*' --ignore='tests/*' --ignore='staticfiles/*'
	@# A guess from a similar text would be compiled by nobody and noticed late: it is emptied.
	@msgattrib --no-wrap --clear-fuzzy --clear-previous --empty --output-file=$(ZH) $(ZH)
	@$(PYTHON_IN_VENV) bin/agency-messages fr ru es ar
	@bin/set-up

# No index lines and no addresses: the locks work with whatever registry the reader's pip uses.
# --universal and the lowest Python: one lock for 3.11 to 3.13, Linux and macOS.
LOCK = .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet
lock: set-up ## pin every dependency anew (ARGS="--upgrade" or "--upgrade-package django")
	@$(LOCK) $(ARGS) --extra s3 --extra token --group embedded --group test --group lint --output-file requirements.lock
	@$(LOCK) --extra s3 --extra token --constraint requirements.lock --output-file requirements-prod.lock
