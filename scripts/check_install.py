"""Proves `make run` on bare machines: fresh Debian roots, as root and as a user, up to the first answer.

Needs root and debootstrap. The mirror is that of this machine's own apt, its package settings come along. FULL=bookworm
runs `make test` in that root instead.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from scripts.debian_packages import FOR_PDF
from scripts.places import BUILD, ROOT, run, say, stop
from scripts.processes import answer_of, free_port

SUITES = ("bookworm", "trixie")
BASES = Path("/var/tmp/jijing-roots")  # noqa: S108 - outside the repository, kept for the next run, only root writes
# What a README reader has: make and git. The user's root also has what only root can install.
ANYONE = ("make", "git")
USERS = {"root": (), "person": ("python3", "python3-venv", "ca-certificates", *FOR_PDF)}
HOME = "srv/jijing"
MACHINE_SETTINGS = (
    "etc/npmrc",
    "etc/pip.conf",
    "etc/resolv.conf",
    "etc/ssl/certs/ca-certificates.crt",
    "root/.npmrc",
    "usr/local/share/ca-certificates",
)
START_SECONDS = 1200
READY = "Jijing is ready"
OK = "200"
TEST_SECONDS = 5400


def main() -> None:
    """Check every suite as every user, or run all checks in the suite that FULL names."""
    if os.geteuid() != 0:
        stop("only root can make Debian roots: sudo make check-install")
    if shutil.which("debootstrap") is None:
        run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "debootstrap"])
    full = os.environ.get("FULL")
    if full:
        check_tests(full)
        return
    rows = [f"{suite:10}{user:8}{check_run(suite, user):6.0f} s" for suite in SUITES for user in USERS]
    say("\nmake run to its first answer, from a bare root:\n" + "\n".join(rows))


def check_run(suite: str, user: str) -> float:
    """Run `make run` in a fresh root until it answers 200, stop it, and return the seconds to the answer."""
    say(f"\n--- {suite} as {user} ---")
    root = fresh_root(suite, user)
    port = free_port()
    log = root.with_suffix(".log")
    start = time.monotonic()
    process = enter(root, user, f"make run PORT={port}", log)
    try:
        # its own word first: another server may have taken a port that was free a minute ago
        while READY not in log.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() - start > START_SECONDS:
                stop(f"make run did not come up on {suite} as {user}:\n{log.read_text(errors='replace')}")
            time.sleep(0.2)
        seconds = time.monotonic() - start
        if answer_of(f"http://127.0.0.1:{port}/readyz") != OK:
            stop(f"{suite} as {user} says that it is ready, but does not answer.")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
    shutil.rmtree(root)
    return seconds


def check_tests(suite: str) -> None:
    """Run `make test` in a fresh root as root."""
    root = fresh_root(suite, "root")
    process = enter(root, "root", "make test")
    code = process.wait(TEST_SECONDS)
    shutil.rmtree(root)
    sys.exit(code)


def fresh_root(suite: str, user: str) -> Path:
    """Copy the base of a suite and put a clone of the committed state into it."""
    root = BUILD / "roots" / f"{suite}-{user}"
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    run(["cp", "-a", base_of(suite), root])
    for name in MACHINE_SETTINGS:
        if Path("/", name).exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            run(["cp", "-aLT", f"/{name}", root / name])
    command = f"apt-get update -q && apt-get install -y -q --no-install-recommends {packages(user)}"
    if enter(root, "root", command, root.with_suffix(".apt.log")).wait() != 0:
        stop(f"the packages of {user} cannot be installed: see {root.with_suffix('.apt.log')}")
    run(["git", "clone", "-q", "--no-local", ROOT, root / HOME])
    if user != "root":
        run(["chroot", root, "useradd", "--create-home", user])
        run(["chroot", root, "chown", "-R", f"{user}:", f"/{HOME}"])
    return root


def packages(user: str) -> str:
    """What the machine of this user has before the project comes."""
    return " ".join((*ANYONE, *USERS[user]))


def base_of(suite: str) -> Path:
    """The smallest system of a suite, made once."""
    base = BASES / suite
    if not base.is_dir():
        BASES.mkdir(mode=0o700, exist_ok=True)
        unfinished = BASES / f"{suite}.part"
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


def enter(root: Path, user: str, command: str, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a shell command inside a root, in its own process space that ends with it; what it says goes to a log."""
    output = log.open("wb") if log else None
    inside = (
        f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev && "
        f"exec chroot --userspec={user} {root} sh -c 'cd /{HOME} 2>/dev/null || cd /; {command}'"
    )
    home = "/root" if user == "root" else f"/home/{user}"
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"PYTHON", "VIRTUAL_ENV"}},
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": home,
        "DEBIAN_FRONTEND": "noninteractive",
        "LC_ALL": "C.UTF-8",
    }
    return subprocess.Popen(
        ["unshare", "--pid", "--fork", "--kill-child", "--mount", "sh", "-c", inside],
        env=environment,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


if __name__ == "__main__":
    main()
