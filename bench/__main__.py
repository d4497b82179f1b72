"""Runs one benchmark: `python -m bench NAME`; prints a table and writes bench/results/NAME.json."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from bench import ballots, credentials, exams, frame, pages, rosters
from bench.figures import Figures

BENCHMARKS: dict[str, Callable[[], Figures]] = {
    "ballots": ballots.run,
    "credentials": credentials.run,
    "exams": exams.run,
    "frame": frame.run,
    "pages": pages.run,
    "rosters": rosters.run,
}
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run the benchmark named on the command line; exit 1 where it found what it must not."""
    parser = argparse.ArgumentParser(prog="make bench NAME=...")
    parser.add_argument("name", choices=sorted(BENCHMARKS))
    name = parser.parse_args().name
    figures = BENCHMARKS[name]()
    print(figures.table())
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{name}.json"
    document = {"machine": machine(), "run": figures.run, "figures": figures.as_json()}
    target.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    print(f"written to {target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target}")
    for line in figures.broken:
        print(f"BROKEN: {line}")
    return 1 if figures.broken else 0


def machine() -> dict[str, str | int | None]:
    """Say what the figures were taken on."""
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


if __name__ == "__main__":
    sys.exit(main())
