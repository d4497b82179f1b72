"""`python -m tests.story --url URL`: walks the journey and prints one line a step."""

import argparse
import json
import sys
import time
from pathlib import Path

from tests.story.browser import StoryError
from tests.story.journey import STEPS
from tests.story.people import ROOT, People
from tests.story.state import Journey

FOLDER = ROOT / "build" / "story"


def main() -> int:
    """Walk every step; stop at the first that does not hold, and exit 0 only if all held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for old in given.folder.iterdir():
        old.unlink()
    return walk(Journey(People(given.url), given.folder))


def walk(story: Journey) -> int:
    """Walk the steps and write what became of each."""
    told = []
    held = True
    for step in STEPS:
        start = time.monotonic()
        name = step.__name__.replace("_", " ")
        try:
            said, held = step(story), True
        except StoryError as error:
            said, held = str(error), False
        spent = round((time.monotonic() - start) * 1000)
        told.append({"step": name, "held": held, "said": said, "ms": spent})
        print(f"{'ok  ' if held else 'FAIL'} {spent:6d} ms  {name}: {said}", flush=True)
        if not held:
            break
    text = json.dumps(told, ensure_ascii=False, indent=2)
    (story.folder / "steps.json").write_text(text + "\n", "utf-8")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
