"""``python -m glassgrad`` is the command ``glassgrad``."""

import sys

from viz.command_line.main import main

if __name__ == "__main__":
    sys.exit(main())
