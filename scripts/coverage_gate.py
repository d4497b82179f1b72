"""Adds up what the processes of the suite have covered and refuses less than the least part of lines and branches.

Two figures are held: what ran of the branches alone, and the one coverage.py gives with `--branch`, what ran of lines
and branches counted together.
"""

import json
import sys
from collections.abc import Mapping

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
    lines, branches, both = shares(covered["summary"])
    say(f"{lines:6.2f} %  of lines")
    say(f"{branches:6.2f} %  of branches, at least {LEAST} % demanded")
    say(f"{both:6.2f} %  of lines and branches together, at least {LEAST} % demanded")
    sys.exit(min(branches, both) < LEAST)


def shares(summary: Mapping[str, int]) -> tuple[float, float, float]:
    """What ran of the lines, of the branches and of both counted together, in percent."""
    parts = [(summary[f"covered_{kind}"], summary[f"missing_{kind}"]) for kind in ("lines", "branches")]
    together = (sum(ran for ran, _not in parts), sum(missed for _ran, missed in parts))
    lines, branches, both = (100 * ran / max(1, ran + missed) for ran, missed in (*parts, together))
    return lines, branches, both


if __name__ == "__main__":
    main()
