# make demo   set up and run the main job: train the Alice/Bob network, say what it learned, draw it
# make test   set up and run what must hold on any machine: lint, types, tests, doctests, demo (about 7 minutes)
# make check  all of that with coverage, and what takes longer or needs more: large graphs, all lessons, a real
#             browser, other libraries as oracles (make oracles installs them), the package as others install it
#             (about 55 minutes on two cores)
# make oldest the tests that are not slow beside the oldest versions of everything that pyproject.toml allows
#             (6 minutes; it needs the oldest Python too: make PYTHON=python3.11 oldest)
# make bench  set up and time glassgrad beside its peers (see benchmarks/README.md)

ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN = $(VENV)/Scripts
else
PYTHON ?= python3
BIN = $(VENV)/bin
endif
VENV ?= .venv
# Errors only: setuptools warns, at length, of what an editable installation is.
PIP = $(BIN)/python -m pip -qq --disable-pip-version-check
# What each environment holds: us with some extras, and groups of pyproject.toml beside us.
INSTALL_demo = --editable ".[plot,terminal]"
INSTALL_test = --editable ".[all]" --group test
INSTALL_oldest = --editable ".[all,jax]" --group test --constraint output/oldest.txt
# As many tests at a time as there are processors; a file that is opened without naming its encoding is an error.
PYTEST = PYTHONWARNDEFAULTENCODING=1 $(abspath $(BIN))/python -m pytest -q -n auto

.PHONY: demo test check oracles oldest tests-with-oldest lint package bench setup-demo setup-test notebooks pictures animation architecture clean

demo: setup-demo
	$(BIN)/glassgrad demo

test: lint
	$(PYTEST) -m "not slow"
	$(BIN)/glassgrad demo --out output/demo

# Without the oracles some tests skip, and the coverage is not complete.
check: lint package
	$(BIN)/python -c 'import torch, jax, micrograd, jupyterlab' || { echo "make check needs other libraries: make oracles"; exit 1; }
	mkdir -p output
	$(PYTEST) --ignore tests/browser --cov --cov-report=term:skip-covered --cov-report=json:output/coverage.json
	$(BIN)/python tests/coverage_bounds.py output/coverage.json
	$(PYTEST) --dist loadgroup tests/browser
	$(BIN)/glassgrad demo --out output/demo

oracles: setup-test
	$(PIP) install --group oracles

# In an environment of its own; what lies below the bounds of pyproject.toml is nobody's promise.
oldest:
	mkdir -p output
	$(PYTHON) tests/oldest_versions.py > output/oldest.txt
	$(MAKE) VENV=.venv-oldest tests-with-oldest

tests-with-oldest: $(VENV)/ready-oldest
	$(PYTEST) -m "not slow"

lint: setup-test
	$(BIN)/ruff check .
# Whoever opens a file names its encoding, because each machine has another one.
	$(BIN)/ruff check --preview --select PLW1514 .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Build the sdist, and the wheel from it, without a warning; run the tests of the sdist where it was unpacked.
package: setup-test
	rm -rf output/package
	mkdir -p output/package
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m build --outdir output/package . > output/package/log.txt 2>&1 || { cat output/package/log.txt; exit 1; }
	! grep -i -A3 "warning" output/package/log.txt
	tar -xzf output/package/glassgrad-*.tar.gz -C output/package
	cd output/package/glassgrad-*/ && PYTHONPATH=. $(PYTEST) -m "not slow" -k "not jax and not torch"

bench: setup-test
	mkdir -p output
	$(PIP) install --group bench
	$(PIP) install --no-deps --target $(VENV)/hips-autograd autograd
	$(BIN)/python benchmarks/eager.py
	$(BIN)/python benchmarks/ladder.py
	$(BIN)/python benchmarks/training.py --json output/training.json --chart output/training.png
	$(BIN)/python benchmarks/growth.py --json output/growth.json --chart output/growth.png
	$(BIN)/python benchmarks/nesting.py
	$(BIN)/python benchmarks/page_updates.py

# Run the lessons again and store their outputs beside them.
notebooks: setup-test
	$(BIN)/python notebooks/build.py

# Make the pictures of the README and of its pages anew; the page's needs Chromium.
pictures: setup-test
	$(BIN)/python docs/make_pictures.py

# Make the animated picture of the README anew, of frames of the page in Chromium.
animation: setup-test
	$(BIN)/python docs/make_animation.py

# Draw how the files build on one another (docs/architecture.svg), and count the lines that the README names.
architecture: setup-test
	$(BIN)/python docs/architecture.py

setup-demo: $(VENV)/ready-demo
setup-test: $(VENV)/ready-test

# One virtual environment in this folder; it is set up again when pyproject.toml changes.
# Python's own pip may be too old to know groups.
$(VENV)/ready-%: pyproject.toml | $(VENV)/pyvenv.cfg
	$(PIP) install "pip>=25.1"
	$(PIP) install $(INSTALL_$*)
	@touch $@

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "glassgrad needs Python 3.11 or newer; name one with: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV) || \
		{ echo "Python could not make a virtual environment; on Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }

clean:
	rm -rf $(VENV) .venv-oldest build dist output *.egg-info
