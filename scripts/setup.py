"""Everything a start or a test run needs, each step skipped while its input is unchanged."""

from __future__ import annotations

import argparse

from scripts.python_packages import install_packages


def main() -> None:
    """Set up for running, or with `--tests` for running every check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="with the packages that only the checks need")
    arguments = parser.parse_args()
    install_packages(tests=arguments.tests)


if __name__ == "__main__":
    main()
