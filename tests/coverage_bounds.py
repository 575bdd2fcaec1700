"""How much of autograd and nn the tests must run: every line, and nearly every way out of a branch.

Run by make check on the report of coverage.  A bound may be raised, and never lowered.
"""

import json
import sys
from pathlib import Path

LINES, BRANCHES = 100.0, 99.0
"""In percent."""


def main(report: str) -> int:
    totals = json.loads(Path(report).read_text(encoding="utf-8"))["totals"]
    lines = 100 * totals["covered_lines"] / totals["num_statements"]
    branches = 100 * totals["covered_branches"] / totals["num_branches"]
    print(f"lines {lines:.2f} % (at least {LINES:g} %), branches {branches:.2f} % (at least {BRANCHES:g} %)")
    return int(lines < LINES or branches < BRANCHES)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
