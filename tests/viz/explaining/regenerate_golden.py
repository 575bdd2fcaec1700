"""Write the golden texts anew: python tests/viz/explaining/regenerate_golden.py

A golden text is what a teacher has read and signed; there are six, one for each kind of thing that is said.
Whoever changes one reads the difference before committing it: does each line say what a textbook would say?
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))

from autograd import trace
from viz.explaining.explanation import explain
from viz.formulas.worked_examples import EXAMPLES

GOLDEN = Path(__file__).parent / "golden"


def texts():
    """Every golden text by the name of its file."""
    alice, mazur, sigmoid, karpathy = (
        EXAMPLES[name].build() for name in ("alice", "mazur", "cs231n-sigmoid", "karpathy")
    )
    found = {
        "alice-w1": explain(alice, "w1"),
        "alice-w1-rounded-to-3": explain(alice, "w1", round_to=3),
        "mazur-w1": explain(mazur, "w1"),
        "cs231n-sigmoid-w0": explain(sigmoid, "w0"),
        "alice-trace": trace(alice),
        "karpathy-trace": trace(karpathy),
    }
    return {f"{name}.txt": f"{text}\n" for name, text in found.items()}


if __name__ == "__main__":
    for name, text in texts().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
    print(f"{len(texts())} texts in {GOLDEN}")
