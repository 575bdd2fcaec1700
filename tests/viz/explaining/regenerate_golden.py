"""Write the golden texts of the worked examples anew: python tests/viz/regenerate_golden.py

A golden text is what a teacher has read and signed.  Whoever changes one reads the difference before
committing it: does each line say what a textbook would say?
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))

from autograd import trace
from viz.explaining.explanation import explain
from viz.formulas.worked_examples import EXAMPLES

GOLDEN = Path(__file__).parent / "golden"

# The most instructive input of each example; and so many digits to round to.
EXPLAINED = {
    "neuron": [("w2", None)],
    "linear": [("w3", None)],
    "descent": [("y", None)],
    "alice": [("w1", None), ("w1", 3), ("x1", None)],
    "alice-bob": [("w3", None)],
    "micrograd": [("a", None)],
    "karpathy": [("a", None)],
    "karpathy-neuron": [("w1", None)],
    "mazur": [("w1", None), ("w5", None)],
    "cs231n-product": [("x", None)],
    "cs231n-sum": [("x", None)],
    "cs231n-sigmoid": [("w0", None)],
    "cs231n-max": [("z", None)],
}


def texts():
    """Every golden text by the name of its file."""
    found = {}
    for name, example in EXAMPLES.items():
        for wanted, digits in EXPLAINED[name]:
            rounded = f"-rounded-to-{digits}" if digits else ""
            explanation = explain(example.build(), wanted, round_to=digits)
            found[f"{name}-{wanted}{rounded}.txt"] = f"{explanation}\n"
        found[f"{name}-trace.txt"] = f"{trace(example.build())}\n"
    return found


if __name__ == "__main__":
    for file in GOLDEN.glob("*.txt"):
        file.unlink()
    for name, text in texts().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
    print(f"{len(texts())} texts in {GOLDEN}")
