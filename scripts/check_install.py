"""Proves `make run` on bare machines: fresh Debian roots, as root and as a user, up to the first answer, and once more.

Needs root and debootstrap. The mirror is that of this machine's own apt, its package settings come along. FULL=bookworm
runs `make test` in that root instead.
"""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import debian_packages
from scripts.debian_packages import FOR_PDF
from scripts.places import ROOT, run, say, stop
from scripts.processes import answer_of, free_port

SUITES = ("bookworm", "trixie")
BASES = Path("/var/tmp/jijing-roots")  # noqa: S108 - outside the repository, kept for the next run, only root writes
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# gpgv checks the signatures of a mirror; a system whose apt does it by itself may lack it.
TO_MAKE_ROOTS = ("debootstrap", "gpgv", "debian-archive-keyring")
# What a README reader has: make and git. The user's root also has what only root can install.
ANYONE = ("make", "git")
USERS = {"root": (), "person": ("python3", "python3-venv", "ca-certificates", *FOR_PDF)}
HOME = "srv/jijing"
MACHINE_SETTINGS = (
    "etc/apt/apt.conf",
    "etc/npmrc",
    "etc/pip.conf",
    "etc/resolv.conf",
    "etc/ssl/certs/ca-certificates.crt",
    "root/.npmrc",
    "usr/local/share/ca-certificates",
)
# Of this machine's environment a root gets what leads to packages, not what names places or settings here.
OF_THIS_MACHINE = {
    *("PYTHON", "VIRTUAL_ENV", "TMPDIR", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "HOST", "PORT", "FULL"),
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "KEY_STORE", "PUBLIC_URL", "STORE_URL", "MAIL_URL"),
    *("SMS_URL", "DEMO", "TEST_DATABASE"),
}
PACKAGE_SECONDS = 1200
START_SECONDS = 1200
GRACE_SECONDS = 60
SECOND_START_SECONDS = 10
"""Within which a second run answers: it finds everything made."""
READY = "Jijing is ready"
OK = "200"
TEST_SECONDS = 5400


def main() -> None:
    """Check every suite as every user, or run all checks in the suite that FULL names."""
    if os.geteuid() != 0:
        stop("only root can make Debian roots: sudo make check-install")
    full = os.environ.get("FULL")
    if full and full not in SUITES:
        stop(f"FULL names one of {', '.join(SUITES)}, not {full}.")
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    # after a plain `su` the folders of debootstrap and chroot are not searched
    os.environ["PATH"] = os.pathsep.join(filter(None, (os.environ.get("PATH"), SYSTEM_PATH)))
    if shutil.which("debootstrap") is None and not (
        debian_packages.may_install() and debian_packages.fetch(list(TO_MAKE_ROOTS))
    ):
        stop(f"Debian roots are made by debootstrap: apt-get install {' '.join(TO_MAKE_ROOTS)}")
    if full:
        sys.exit(check_tests(full))
    rows = []
    for suite in SUITES:
        for user in USERS:
            first, second = check_run(suite, user)
            rows.append(f"{suite:10}{user:8}{first:6.0f} s {second:6.1f} s")
    say("\nmake run to its first answer, from a bare root, and again:\n" + "\n".join(rows))


def check_run(suite: str, user: str) -> tuple[float, float]:
    """Run `make run` in a fresh root twice; return the seconds to each answer.

    Stops where the second run sets up anything again, or is not there in time.
    """
    say(f"\n--- {suite} as {user} ---")
    with fresh_root(suite, user) as root:
        log = root.with_suffix(".log")
        first, second = (start(root, suite, user, log) for _run in range(2))
        done_again = log.read_text(errors="replace").partition(READY)[0].strip()
    if done_again:
        stop(f"a second make run on {suite} as {user} did again what was done:\n{done_again}")
    if second > SECOND_START_SECONDS:
        stop(f"a second make run on {suite} as {user} took {second:.1f} s, {SECOND_START_SECONDS} s are allowed.")
    return first, second


def start(root: Path, suite: str, user: str, log: Path) -> float:
    """Run `make run` in a root until it answers 200, stop it, and return the seconds to the answer."""
    port = free_port()
    began = time.monotonic()
    with inside(root, user, f"make run PORT={port}", log) as process:
        # its own word first: another server may have taken a port that was free a minute ago
        while READY not in log.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                stop(f"make run did not come up on {suite} as {user}:\n{log.read_text(errors='replace')}")
            time.sleep(0.2)
        seconds = time.monotonic() - began
        if answer_of(f"http://127.0.0.1:{port}/readyz") != OK:
            stop(f"{suite} as {user} says that it is ready, but does not answer.")
    return seconds


def check_tests(suite: str) -> int:
    """Run `make test` in a fresh root as root; return its exit code."""
    with fresh_root(suite, "root") as root, inside(root, "root", "make test") as process:
        try:
            return process.wait(TEST_SECONDS)
        except subprocess.TimeoutExpired:
            stop(f"make test did not end within {TEST_SECONDS // 60} minutes on {suite}.")


@contextmanager
def fresh_root(suite: str, user: str) -> Iterator[Path]:
    """Copy the base of a suite and put a clone of the committed state into it; it is gone afterwards, come what may."""
    root = store() / f"{suite}-{user}"
    shutil.rmtree(root, ignore_errors=True)
    try:
        furnish(root, suite, user)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)
        if root.exists():
            say(f"{root} could not be removed whole; remove it by hand.")


def furnish(root: Path, suite: str, user: str) -> None:
    """Make a root with the settings and packages of a user's machine, and the project in it."""
    run(["cp", "-a", base_of(suite), root])
    for name in MACHINE_SETTINGS:
        if Path("/", name).exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            run(["cp", "-aLT", f"/{name}", root / name])
    log = root.with_suffix(".apt.log")
    command = f"apt-get update -q && apt-get install -y -q --no-install-recommends {packages(user)}"
    with inside(root, "root", command, log) as process:
        try:
            installed = process.wait(PACKAGE_SECONDS) == 0
        except subprocess.TimeoutExpired:
            installed = False
    if not installed:
        stop(f"the packages of {user} cannot be installed on {suite}:\n{log.read_text(errors='replace')}")
    clone(root / HOME)
    if user != "root":
        run(["chroot", root, "useradd", "--create-home", user])
        run(["chroot", root, "chown", "-R", f"{user}:", f"/{HOME}"])


def clone(target: Path) -> None:
    """Clone the committed state, whoever owns the folder: git tells root of other people's folders to stay out."""
    reader = "git -c safe.directory='*' upload-pack"
    run(["git", "clone", "-q", "--no-local", "--upload-pack", reader, ROOT, target])


def packages(user: str) -> str:
    """What the machine of this user has before the project comes."""
    return " ".join((*ANYONE, *USERS[user]))


def store() -> Path:
    """The folder of all roots; stops where another account could have put something into it."""
    BASES.mkdir(mode=0o700, exist_ok=True)
    found = BASES.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        stop(f"{BASES} must be a folder of root that nobody else writes to; remove it and start again.")
    return BASES


def base_of(suite: str) -> Path:
    """The smallest system of a suite, made once."""
    base = store() / suite
    if not base.is_dir():
        unfinished = base.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        run(["debootstrap", "--variant=minbase", suite, unfinished, mirror()])
        unfinished.rename(base)
    return base


def mirror() -> str:
    """The address this machine's own apt takes Debian from."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"], capture_output=True, text=True, check=True
    ).stdout.split()
    return next((uri for uri in listed if uri.rstrip("/").endswith("/debian")), listed[0])


@contextmanager
def inside(root: Path, user: str, command: str, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a shell command inside a root, and end all that it started when the block is left."""
    process = enter(root, user, command, log)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process with its group, asked first, killed then; its process space goes with it."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def enter(root: Path, user: str, command: str, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a shell command inside a root, in its own process space that ends with it; what it says goes to a log."""
    start = (
        f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev && "
        f"exec chroot --userspec={user} {root} sh -c 'cd /{HOME} 2>/dev/null || cd /; {command}'"
    )
    output = log.open("wb") if log else None
    try:
        return subprocess.Popen(
            ["unshare", "--pid", "--fork", "--kill-child", "--mount", "sh", "-c", start],
            env=environment(user),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    finally:
        if output is not None:
            output.close()


def environment(user: str) -> dict[str, str]:
    """What a user finds in the environment of a root."""
    kept = {name: value for name, value in os.environ.items() if name not in OF_THIS_MACHINE and name[:4] != "XDG_"}
    home = "/root" if user == "root" else f"/home/{user}"
    return {**kept, "PATH": SYSTEM_PATH, "HOME": home, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


if __name__ == "__main__":
    main()
