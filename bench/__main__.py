"""`make bench NAME=pages`: runs bench/<name>.py, whose `measure()` returns figures by name."""

import importlib
import sys
from pathlib import Path

from bench.figures import table, write

FRAME = {"__init__", "__main__", "figures"}


def main() -> None:
    """Run one benchmark, print its table and write its JSON."""
    known = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in FRAME)
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in known:
        sys.exit(f"Choose a benchmark: make bench NAME={'|'.join(known) or 'none yet'}")
    figures = importlib.import_module(f"bench.{name}").measure()
    target = write(name, figures)
    print(f"{table(figures)}\n\nWritten to {target}")


if __name__ == "__main__":
    main()
