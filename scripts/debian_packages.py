"""The Debian packages that no wheel carries: text layout, fonts, and a browser for the tests."""

import os
import shutil
import subprocess

from scripts.places import say, stop

FOR_PDF = (
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "fonts-noto-cjk",
    "fonts-babelstone-han",
    "poppler-utils",
)
FOR_TESTS = ("chromium", "git", "mupdf-tools", "qpdf", "softhsm2", "zbar-tools")
INSTALL = ("apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300")


def install(*, tests: bool) -> None:
    """Install what is missing where this account may; else name the command, which ends a test set-up."""
    missing = [package for package in FOR_PDF + (FOR_TESTS if tests else ()) if not _is_installed(package)]
    if not missing:
        return
    if may_install() and fetch(missing):
        return
    command = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if tests:
        stop(f"the tests need Debian packages; as root: {command}")
    say(f"Certificates as PDF stay off until these Debian packages are there; as root: {command}")


def _is_installed(package: str) -> bool:
    """Ask dpkg; a system without dpkg has none of them under these names."""
    if shutil.which("dpkg-query") is None:
        return False
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status}", package], capture_output=True, text=True, check=False
    )
    return asked.stdout == "installed"


def may_install() -> bool:
    """Whether this account may install Debian packages here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def fetch(packages: list[str]) -> bool:
    """Install with the package lists at hand, then once more with fresh ones."""
    say(f"Installing Debian packages: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ((*INSTALL, *packages), ("apt-get", "update", "-q"), (*INSTALL, *packages)):
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode == 0 and packages[-1] in command:
            return True
    return False
