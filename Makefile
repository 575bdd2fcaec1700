# make demo   set up and run the main job: train the Alice/Bob network, say what it learned, draw it
# make test   set up and run everything that must hold: lint, types, tests, doctests, notebooks, demo
# make bench  set up and time glassgrad beside its peers (see benchmarks/README.md)

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
EXTRAS_DEMO = plot
EXTRAS_TEST = test

.PHONY: demo test package bench setup-demo setup-test notebooks clean

demo: setup-demo
	$(BIN)/glassgrad demo

test: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q --cov --cov-report=term
	$(BIN)/glassgrad demo --out output/demo
	$(MAKE) package

# Build the wheel, install it in an empty environment and run the demo there, without Graphviz in sight.
package: setup-test
	rm -rf output/package
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir output/package .
	$(BIN)/python -m venv output/package/venv
	output/package/venv/bin/pip install --quiet --disable-pip-version-check output/package/*.whl
	cd output/package && PATH= venv/bin/glassgrad demo --out pictures

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
