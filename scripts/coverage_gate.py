"""Combines the coverage of all parts of a test run and refuses less than `fail_under` of pyproject.toml."""

from scripts.places import BIN, BUILD, run

FOLDER = BUILD / "coverage"


def main() -> None:
    """Combine, write the page for people to build/coverage/html, and report the files that are not fully covered."""
    data = {"COVERAGE_FILE": str(FOLDER / "data")}
    parts = sorted(str(path) for path in FOLDER.glob("data.*"))
    run([BIN / "coverage", "combine", "--quiet", "--keep", *parts], env=data)
    run([BIN / "coverage", "html", "--quiet", "--fail-under=0", "-d", FOLDER / "html"], env=data)
    run([BIN / "coverage", "report", "--sort=cover"], env=data)


if __name__ == "__main__":
    main()
