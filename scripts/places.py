"""Where things lie, and how one script runs a command."""

import hashlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMPS = VENV / "stamps"
BUILD = ROOT / "build"
INSTANCE = ROOT / "instance"
REQUIREMENTS = ROOT / "requirements"


def search_path() -> str:
    """Return where programs are looked for: those of set-up first, Node among them where the machine has none."""
    return f"{BIN}{os.pathsep}{os.environ['PATH']}"


def say(line: str) -> None:
    """Print one line of progress at once, also into a pipe."""
    print(line, flush=True)


def stop(reason: str) -> NoReturn:
    """End with the reason and exit code 1."""
    sys.stdout.flush()
    sys.exit(f"\nStopped: {reason}")


def run(command: Iterable[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run a command to its end; stop with its name when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, check=False)
    if done.returncode != 0:
        stop(f"`{shlex.join(words)}` ended with exit code {done.returncode}.")


def digest(files: Iterable[Path], *words: str) -> str:
    """Hash names and contents of files, and any further words, in hexadecimal SHA-256."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for word in words:
        total.update(word.encode() + b"\0")
    return total.hexdigest()


def is_current(stamp: str, value: str) -> bool:
    """Whether a step ended well for this very input."""
    path = STAMPS / stamp
    return path.is_file() and path.read_text() == value


def mark_current(stamp: str, value: str) -> None:
    """Remember that a step ended well for this input."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / stamp).write_text(value)
