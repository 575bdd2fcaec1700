# make demo   set up and run the main job: train the Alice/Bob network, say what it learned, draw it
# make test   set up and run what must hold on any machine: lint, types, tests, doctests, demo (2 to 3 minutes)
# make check  all of that with coverage, and what takes longer or needs more: large graphs, the lessons, a real
#             browser, other libraries as oracles (make oracles installs them), the package as others install it
#             (15 to 20 minutes on two cores)
# make bench  set up and time glassgrad beside its peers (see benchmarks/README.md)

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
EXTRAS_DEMO = plot
EXTRAS_TEST = test
# As many tests at a time as there are processors; a file that is opened without naming its encoding is an error.
PYTEST = PYTHONWARNDEFAULTENCODING=1 $(abspath $(BIN))/python -m pytest -q -n auto

.PHONY: demo test check oracles lint package bench setup-demo setup-test notebooks clean

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
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0 micrograd jax jupyterlab

lint: setup-test
	$(BIN)/ruff check .
# Whoever opens a file names its encoding, because each machine has another one.
	$(BIN)/ruff check --preview --select PLW1514 .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

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
	$(BIN)/pip install --quiet --disable-pip-version-check micrograd torch jax casadi tinygrad ziglang
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --target $(VENV)/hips-autograd autograd
	$(BIN)/python benchmarks/eager.py
	$(BIN)/python benchmarks/ladder.py
	$(BIN)/python benchmarks/training.py --json output/training.json --chart output/training.png
	$(BIN)/python benchmarks/growth.py --json output/growth.json --chart output/growth.png
	$(BIN)/python benchmarks/page_updates.py

# Run the lessons again and store their outputs beside them.
notebooks: setup-test
	$(BIN)/python notebooks/build.py

setup-demo: $(VENV)/ready-$(EXTRAS_DEMO)
setup-test: $(VENV)/ready-$(EXTRAS_TEST)

# One virtual environment in this folder; it is set up again when pyproject.toml changes.
$(VENV)/ready-%: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[$*]"
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "glassgrad needs Python 3.11 or newer; name one with: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV) || \
		{ echo "Python could not make a virtual environment; on Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }

clean:
	rm -rf $(VENV) build dist output *.egg-info
