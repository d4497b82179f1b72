"""A bare root leaves nothing behind: whatever fails in it, its processes end and its folder is removed."""

import os
import select
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import check_install

pytestmark = pytest.mark.one_database

DEAF = "trap '' TERM; (trap '' TERM; sleep 600) & sleep 600"
Started = list[subprocess.Popen[bytes]]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of roots that are empty, with patience for a moment only."""

    def furnish(root: Path, suite: str, user: str) -> None:
        (root / suite / user).mkdir(parents=True)

    monkeypatch.setattr(check_install, "BASES", tmp_path / "roots")
    monkeypatch.setattr(check_install, "furnish", furnish)
    monkeypatch.setattr(check_install, "TEST_SECONDS", 0.2)
    monkeypatch.setattr(check_install, "GRACE_SECONDS", 0.2)
    return tmp_path / "roots"


@pytest.fixture
def living() -> Iterator[tuple[int, int]]:
    """A pipe whose writing end every process of a root holds: it is at its end when all of them are gone."""
    ends = os.pipe()
    yield ends
    os.close(ends[0])


def runs(monkeypatch: pytest.MonkeyPatch, command: str, writing: int | None = None) -> Started:
    """Let a root run a command of this machine in place of its own."""
    started: Started = []

    def enter(root: Path, _user: str, _command: str, log: Path | None = None) -> subprocess.Popen[bytes]:
        assert root.is_dir()
        if log:
            log.write_bytes(b"")
        kept = () if writing is None else (writing,)
        started.append(subprocess.Popen(["sh", "-c", command], start_new_session=True, pass_fds=kept))
        if writing is not None:
            os.close(writing)
        return started[-1]

    monkeypatch.setattr(check_install, "enter", enter)
    return started


def test_tests_that_do_not_end_are_killed_with_all_they_started_and_their_root_is_removed(
    store: Path, living: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = runs(monkeypatch, DEAF, living[1])

    with pytest.raises(SystemExit, match="make test did not end"):
        check_install.check_tests("trixie")

    assert started[0].returncode == -signal.SIGKILL
    assert select.select([living[0]], [], [], 10)[0], "a process of the root lives"
    assert os.read(living[0], 1) == b""
    assert list(store.iterdir()) == []


@pytest.mark.parametrize("code", [0, 3])
def test_tests_that_end_give_their_exit_code_and_their_root_is_removed(
    store: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    runs(monkeypatch, f"exit {code}")
    monkeypatch.setattr(check_install, "TEST_SECONDS", 60)

    assert check_install.check_tests("trixie") == code
    assert list(store.iterdir()) == []


def test_a_server_that_falls_over_is_told_with_what_it_said(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = runs(monkeypatch, "exit 1")

    with pytest.raises(SystemExit, match="did not come up on trixie as person"):
        check_install.check_run("trixie", "person")

    assert started[0].returncode == 1
    assert [one.name for one in store.iterdir()] == ["trixie-person.log"]


@pytest.mark.parametrize(
    ("said", "most", "refused"),
    [
        ("", 10, ""),
        ("Installing Python packages\\n", 10, "did again what was done:\nInstalling Python packages"),
        ("", 0, "took .* 0 s are allowed"),
    ],
)
def test_a_second_run_finds_everything_made_and_is_there_at_once(
    store: Path, monkeypatch: pytest.MonkeyPatch, said: str, most: int, refused: str
) -> None:
    monkeypatch.setattr(check_install, "answer_of", lambda _url: check_install.OK)
    monkeypatch.setattr(check_install, "SECOND_START_SECONDS", most)
    monkeypatch.setattr(check_install, "GRACE_SECONDS", 10)
    log = store / "trixie-person.log"
    runs(monkeypatch, f"printf '{said}  Jijing is ready: here' > {log}; exec sleep 60")

    if refused:
        with pytest.raises(SystemExit, match=refused):
            check_install.check_run("trixie", "person")
    else:
        assert len(check_install.check_run("trixie", "person")) == 2


def test_a_root_that_cannot_be_furnished_is_removed_too(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(root: Path, _suite: str, _user: str) -> None:
        root.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(check_install, "furnish", fail)
    with pytest.raises(KeyboardInterrupt):
        check_install.check_tests("trixie")
    assert list(store.iterdir()) == []


def test_roots_lie_where_nobody_else_can_put_anything(store: Path) -> None:
    assert stat.S_IMODE(check_install.store().stat().st_mode) == 0o700
    store.chmod(0o777)
    with pytest.raises(SystemExit, match="nobody else writes"):
        check_install.store()
    store.rmdir()
    store.symlink_to(store.parent)
    with pytest.raises(SystemExit, match="nobody else writes"):
        check_install.store()


def test_a_root_knows_no_place_and_no_setting_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TMPDIR", "MAKEFLAGS", "XDG_RUNTIME_DIR", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "/here")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")

    given = check_install.environment("person")

    assert "/here" not in given.values()
    assert given["https_proxy"] == "http://proxy.example:3128"
    assert given["HOME"] == "/home/person"
    assert "/usr/sbin" in given["PATH"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads what belongs to others")
def test_root_clones_a_repository_that_belongs_to_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whose = tmp_path / "whose"
    author = ("-c", "user.name=x", "-c", "user.email=x@x.example")
    subprocess.run(["git", "init", "-q", whose], check=True)
    subprocess.run(["git", "-C", whose, *author, "commit", "-q", "--allow-empty", "-m", "One"], check=True)
    for path in (whose, *whose.rglob("*")):
        os.chown(path, 65534, 65534)
    monkeypatch.setattr(check_install, "ROOT", whose)

    check_install.clone(tmp_path / "clone")

    assert (tmp_path / "clone" / ".git").is_dir()


def test_a_normal_user_and_an_unknown_suite_are_told_what_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="sudo make check-install"):
        check_install.main()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("FULL", "buster")
    with pytest.raises(SystemExit, match="bookworm, trixie"):
        check_install.main()
