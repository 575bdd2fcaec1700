"""Recording, the python engine and the text for a page in an interpreter in which NumPy cannot be imported."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

WITHOUT = """
import sys
sys.modules["numpy"] = None
"""


def run(program, before=WITHOUT):
    command = [sys.executable, "-c", before + textwrap.dedent(program)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("engine", ["python", "auto", "eager"])
def test_programs(engine):
    printed = run(f"""
        from autograd import Value, compile, dot, jit, tanh
        w, x = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
        program = compile(dot(w, x), [w, x], engine={engine!r}, argnums=0)
        print(program([1, 2], [3, 4]), program.value_and_grad([1, 2], [3.0, 4.0]))
        print(compile([w[0] * w[1], w[0]], w, engine={engine!r})(2, 3))
        print(program.source.splitlines()[0])

        @jit(engine={engine!r})
        def neuron(w, x, b):
            return tanh(sum(wi * xi for wi, xi in zip(w, x)) + b)

        value, (by_w, by_x, by_b) = neuron.value_and_grad([0.5, -1.0], [2.0, 1.0], 0.0)
        print(value, by_w, by_x, by_b)
        """)
    assert printed.splitlines() == [
        "11.0 (11.0, [3.0, 4.0])", "[6.0, 2.0]", "def run(x0, x1, x2, x3):", "0.0 [2.0, 1.0] [0.5, -1.0] 1.0",
    ]  # fmt: skip


def test_a_graph_on_a_page():
    printed = run("""
        from autograd import Value
        from autograd.engines.javascript import write_function
        from autograd.program.graphs import record_backward
        a = Value(3.0, "a")
        print(write_function(record_backward(a * a, [a])))
        """)
    assert "return[t0,t2,t0,t0,t3,1]" in printed


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_an_engine_that_needs_it_says_so(engine):
    printed = run(f"""
        from autograd import AutogradError, Value, compile
        a = Value(3.0, "a")
        try:
            compile(a * a, [a], engine={engine!r})
        except AutogradError as error:
            print(error)
        """)
    assert printed.strip() == f"the engine '{engine}' needs the package numpy: pip install numpy"


def test_it_is_imported_when_something_needs_it_and_not_before():
    printed = run(
        """
        import sys
        from autograd import Value, compile, jit
        a = Value(3.0, "a")
        compile(a * a, [a], engine="python").value_and_grad(2.0)
        jit(lambda x: x * x, engine="python")(2.0)
        print("numpy" in sys.modules)
        compile(a * a, [a], engine="numpy")
        print("numpy" in sys.modules)
        """,
        before="",
    )
    assert printed.split() == ["False", "True"]
