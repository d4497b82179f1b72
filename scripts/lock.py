"""Writes the Python locks anew from pyproject.toml; versions stay unless they must move or `--upgrade` is given."""

import sys

from scripts.places import BIN, REQUIREMENTS, run

COMPILE = (
    BIN / "uv",
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--fork-strategy=fewest",
    "--python-version=3.11",
)


def main() -> None:
    """Compile the runtime lock, the one with the test tools on top of it, and the one of Node."""
    runtime = REQUIREMENTS / "runtime.txt"
    dev = ("--group", "dev", "--constraint", runtime)
    run([*COMPILE, *sys.argv[1:], "pyproject.toml", "--output-file", runtime])
    run([*COMPILE, *sys.argv[1:], "pyproject.toml", *dev, "--output-file", REQUIREMENTS / "dev.txt"])
    run([*COMPILE, *sys.argv[1:], "--group", "node", "--output-file", REQUIREMENTS / "node.txt"])


if __name__ == "__main__":
    main()
