"""Adds up what the processes of the suite have covered and refuses less than the least part of lines and branches."""

import json
import sys

import slipcover

from scripts.places import BUILD, say, stop

FOLDER = BUILD / "coverage"
LEAST = 95.0
SHOWN = 20


def main() -> None:
    """Report the files with the least coverage, and exit 1 when all together have too little."""
    seen = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    if not seen:
        stop("the suite has left no coverage: run it first")
    covered, *others = seen
    for other in others:
        slipcover.merge_coverage(covered, other)
    files = {name: float(one["summary"]["percent_covered"]) for name, one in covered["files"].items()}
    for name in sorted(files, key=files.__getitem__)[:SHOWN]:
        say(f"{files[name]:6.1f} %  {name}: lines {covered['files'][name]['missing_lines']}")
    total = float(covered["summary"]["percent_covered"])
    say(f"{total:6.2f} %  of lines and branches, at least {LEAST} % demanded")
    sys.exit(total < LEAST)


if __name__ == "__main__":
    main()
