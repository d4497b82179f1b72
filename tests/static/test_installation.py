"""Set-up does a step once for its input and keeps the demo's keys to itself."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import installation, places, python_packages

SYSTEM_PYTHON = "/usr/bin/python3"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(places, "ROOT", tmp_path)
    monkeypatch.setattr(places, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(installation, "ROOT", tmp_path)
    monkeypatch.setattr(installation, "INSTANCE", tmp_path / "instance")
    monkeypatch.setattr(installation, "DEMO_SETTINGS", tmp_path / "instance" / "demo.env")
    for name in ("SECRET_KEY", "DATABASE_URL", "PUBLIC_URL", "DEMO"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_a_step_is_current_only_for_the_input_it_ended_with(root: Path) -> None:
    lock = root / "lock.txt"
    lock.write_text("one")
    places.mark_current("step", places.digest([lock]))

    assert places.is_current("step", places.digest([lock]))
    lock.write_text("two")
    assert not places.is_current("step", places.digest([lock]))


def test_the_demo_keys_are_drawn_once_and_readable_by_their_owner_alone(root: Path) -> None:
    installation.create_demo_settings()
    first = (root / "instance" / "demo.env").read_text()
    installation.create_demo_settings()

    assert (root / "instance" / "demo.env").read_text() == first
    assert stat.S_IMODE((root / "instance" / "demo.env").stat().st_mode) == 0o600
    assert installation.setting("SECRET_KEY").startswith("demo-")


def test_the_environment_stands_above_env_and_that_above_the_demo(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation.create_demo_settings()
    (root / ".env").write_text("SECRET_KEY='from the file'\n")
    assert installation.setting("SECRET_KEY") == "from the file"

    monkeypatch.setenv("SECRET_KEY", "from the environment")
    assert installation.setting("SECRET_KEY") == "from the environment"


@pytest.fixture
def loaded(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database file of a demo, which is never really filled."""
    database = root / "jijing.db"
    database.touch()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database}")
    monkeypatch.setattr(installation, "run", lambda _command: None)
    installation.create_demo_settings()
    return database


def test_a_demo_keeps_the_address_that_its_certificates_name(loaded: Path) -> None:
    installation.load_demo("http://localhost:8001")
    installation.load_demo("http://localhost:8002")
    assert installation.setting("PUBLIC_URL") == "http://localhost:8001"

    loaded.rename(loaded.with_suffix(".old"))
    loaded.touch()
    installation.load_demo("http://localhost:8003")
    assert installation.setting("PUBLIC_URL") == "http://localhost:8003"


def test_an_address_that_the_owner_set_is_the_one_of_the_demo(loaded: Path, root: Path) -> None:
    (root / ".env").write_text("PUBLIC_URL=https://jijing.example\n")

    installation.load_demo("http://localhost:8001")

    assert installation.setting("PUBLIC_URL") == "https://jijing.example"
    assert "PUBLIC_URL" not in (loaded.parent / "instance" / "demo.env").read_text()


def test_uv_is_installed_by_its_locked_hash() -> None:
    stanza = python_packages.stanza_of("uv")

    assert stanza.startswith("uv==")
    assert "--hash=sha256:" in stanza
    assert len([line for line in stanza.splitlines() if "==" in line]) == 1


def test_the_lock_with_the_test_tools_contains_the_runtime_lock() -> None:
    def versions(path: Path) -> set[str]:
        return {line.split(" ")[0] for line in path.read_text().splitlines() if "==" in line and line[0] != " "}

    assert versions(python_packages.RUNTIME) <= versions(python_packages.DEV)


def _found(*named: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(places.ROOT / "scripts" / "find_python.sh"), *named]
    environment = {"PATH": path} if path else None
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def _pretending(folder: Path, name: str, code: int) -> Path:
    python = folder / name
    python.write_text(f"#!/bin/sh\nexit {code}\n")
    python.chmod(0o755)
    return python


def test_the_python_that_is_named_is_taken() -> None:
    assert _found(sys.executable).stdout.strip() == sys.executable


def test_a_python_that_is_named_and_too_old_stops_the_command_and_is_not_replaced(tmp_path: Path) -> None:
    old = _pretending(tmp_path, "old", 1)

    found = _found(str(old))

    assert (found.returncode, found.stdout) == (1, "")
    assert str(old) in found.stderr


def test_the_systems_own_python_comes_before_another_on_the_path(tmp_path: Path) -> None:
    _pretending(tmp_path, "python3", 0)
    suits = [SYSTEM_PYTHON, "-c", "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"]
    own = Path(SYSTEM_PYTHON).exists() and subprocess.run(suits, check=False, capture_output=True).returncode == 0

    found = _found(path=f"{tmp_path}:/usr/bin:/bin")

    assert found.stdout.strip() == (SYSTEM_PYTHON if own else "python3")
