"""A second `make run` does again only what looks for itself whether there is something to do."""

import io
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.credential_schemas import SCHEMA
from scripts.places import ROOT

pytestmark = pytest.mark.one_database

DEMO = "from scripts import installation; installation.migrate(); installation.load_demo('http://localhost:8000')"
STEPS = [
    "Installing Python packages",
    "Fetching the Open Badges schema",
    "Installing front-end packages",
    "Building style sheets, scripts and icons",
    "Compiling translations",
    "Bringing the database up to date",
    "Loading the demo data",
]
# Each says what it was asked for, and leaves what the real program would leave.
NODE = 'if [ "$1" = --version ]; then echo v22.1.0; exit; fi; mkdir -p app/web/static/dist; touch {built}'
PROGRAMS = {
    "bin/apt-get": "exit 1",
    "bin/dpkg-query": "printf installed",
    "bin/node": NODE.format(built="app/web/static/dist/manifest.json"),
    "bin/npm": "mkdir -p node_modules",
    ".venv/bin/uv": "",
    ".venv/bin/flask": "touch instance/jijing.db",
    ".venv/bin/python": """case "$*" in
*" download "*) while [ "$1" != -d ]; do shift; done; cp schema.tar.gz "$2/openbadgeslib-1.tar.gz";;
*compile_all*) touch app/messages.mo;;
esac""",
}
# Asked each time, because each keeps what is current by itself
LOOKS_FOR_ITSELF = ["-m compileall", "-m scripts.build_media", "-m scripts.certificate_fonts"]


@dataclass(frozen=True)
class Machine:
    """A copy of the scripts beside programs that only say what they were asked for."""

    root: Path

    def start(self) -> tuple[str, list[str]]:
        """Set up and bring the demo up to date; return what was said and which commands did work."""
        log = self.root / "asked.txt"
        log.write_text("")
        said = [self._python(*words) for words in (("-m", "scripts.setup"), ("-c", DEMO))]
        asked = [line for line in log.read_text().splitlines() if "dpkg-query" not in line and "--version" not in line]
        return "".join(said), [line for line in asked if not any(word in line for word in LOOKS_FOR_ITSELF)]

    def _python(self, *words: str) -> str:
        path = f"{self.root}/bin:/usr/bin:/bin"
        command = [sys.executable, *words]
        done = subprocess.run(command, cwd=self.root, env={"PATH": path}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name, text in {"app/messages.po": "one", "migrations/0001.py": "", ".venv/pyvenv.cfg": ""}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name, does in PROGRAMS.items():
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f'#!/bin/sh\ncd {tmp_path}\necho "$0 $*" >> asked.txt\n{does}\n')
        program.chmod(0o755)
    with tarfile.open(tmp_path / "schema.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(f"openbadgeslib-1/{SCHEMA}"), io.BytesIO())
    stamps = tmp_path / ".venv" / "stamps"
    stamps.mkdir()
    # The environment itself is not made: that alone takes seconds
    (stamps / "interpreter").write_text(f"{sys.version} {Path(sys.executable).resolve()}")
    return Machine(tmp_path)


def test_a_second_start_skips_every_step(machine: Machine) -> None:
    said, asked = machine.start()
    assert said.splitlines() == STEPS
    assert len(asked) > len(STEPS)

    assert machine.start() == ("", [])


def test_a_step_is_done_again_when_what_it_was_made_of_changed(machine: Machine) -> None:
    machine.start()
    (machine.root / "app" / "messages.po").write_text("two")
    (machine.root / "migrations" / "0002.py").write_text("")

    said, asked = machine.start()

    assert said.splitlines() == ["Compiling translations", "Bringing the database up to date"]
    assert len(asked) == 2
