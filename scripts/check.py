"""Every static check, two at a time, with a sum of what failed."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.places import BIN, BUILD, ROOT, say

PYTHON = BIN / "python"
AT_ONCE = 2
# The longest first, so that all others run beside it.
# No cache of import-linter: it keeps what an import meant before the module it names was written.
CHECKS: dict[str, tuple[Path | str, ...]] = {
    "types": (BIN / "mypy", "--no-error-summary", f"--cache-dir={BUILD / 'mypy'}"),
    "style": (BIN / "ruff", "check", "--quiet", "--output-format=concise", "."),
    "format": (BIN / "ruff", "format", "--check", "--quiet", "."),
    "import laws": (BIN / "lint-imports", "--no-logo", "--no-cache"),
    "budgets": (PYTHON, "-m", "scripts.check_budgets"),
    "translations": (PYTHON, "-m", "scripts.check_translations"),
    "repository": (PYTHON, "-m", "scripts.check_repository"),
}


def main() -> None:
    """Run the checks named, or all; exit 1 when one failed."""
    wanted = sys.argv[1:] or list(CHECKS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        failed = [name for name, passed in zip(wanted, pool.map(passes, wanted), strict=True) if not passed]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")
    say("All static checks passed.")


def passes(name: str) -> bool:
    """Run one check and print its output only when it failed."""
    start = time.monotonic()
    done = subprocess.run(CHECKS[name], cwd=ROOT, capture_output=True, text=True, check=False)
    passed = done.returncode == 0
    line = f"{'ok' if passed else 'FAILED':8}{name} ({time.monotonic() - start:.1f} s)"
    say(line if passed else f"{line}\n{done.stdout}{done.stderr}")
    return passed


if __name__ == "__main__":
    main()
