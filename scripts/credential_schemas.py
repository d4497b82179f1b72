"""Puts the official Open Badges schema beside the installed packages; it is only in a source archive."""

import tarfile
import tempfile
from pathlib import Path

from scripts.places import BIN, VENV, is_current, mark_current, run, say, stop
from scripts.python_packages import stanza_of

PACKAGE = "openbadgeslib"
SCHEMA = "ob_v3p0_achievementcredential_schema.json"
TARGET = VENV / "share" / "openbadges" / SCHEMA
LARGEST = 1024 * 1024


def install_schema() -> None:
    """Download the source archive of the locked version, checked by its hash, and take the schema out."""
    stanza = stanza_of(PACKAGE)
    if TARGET.is_file() and is_current("schema", stanza):
        return
    say("Fetching the Open Badges schema")
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "lock.txt"
        lock.write_text(stanza)
        # pip builds nothing, but asks the archive what it is: with the locked setuptools, not one it would fetch
        source_only = ["--no-deps", "--no-binary", PACKAGE, "--require-hashes", "--no-build-isolation"]
        run([BIN / "python", "-m", "pip", "download", "-q", *source_only, "-d", folder, "-r", lock])
        _extract(next(Path(folder).glob(f"{PACKAGE}-*.tar.gz")))
    mark_current("schema", stanza)


def _extract(archive: Path) -> None:
    with tarfile.open(archive) as source:
        member = next((one for one in source if one.isfile() and Path(one.name).name == SCHEMA), None)
        content = source.extractfile(member) if member and member.size <= LARGEST else None
        if content is None:
            stop(f"{archive.name} does not carry {SCHEMA}.")
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_bytes(content.read())


if __name__ == "__main__":
    install_schema()
