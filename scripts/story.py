"""Walks the main journey against a fresh server of its own, beside anything that runs already."""

import base64
import secrets
import sys
import tempfile
from pathlib import Path

from scripts.places import BIN
from scripts.processes import Installation, free_port, on_stop_signals


def main() -> None:
    """Load a demo into an empty folder, serve it on a free port, walk it, and pass on the walk's exit code."""
    on_stop_signals()
    with tempfile.TemporaryDirectory(prefix="jijing-") as folder:
        installation = Installation("127.0.0.1", free_port(), settings_in(Path(folder)))
        for words in (("db", "upgrade"), ("demo", "load")):
            code = installation.run(BIN / "flask", "--app", "wsgi", *words)
            if code != 0:
                sys.exit(code)
        with installation:
            code = installation.run(BIN / "python", "-m", "tests.story", "--url", installation.url)
    sys.exit(code)


def settings_in(folder: Path) -> dict[str, str]:
    """Settings of a demo that keeps everything in one folder."""
    return {
        "DATABASE_URL": f"sqlite:///{folder}/jijing.db",
        "DEMO": "1",
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "KEY_STORE": f"{folder}/keys",
        "QUEUE_PATH": f"{folder}/jobs.db",
        "SECRET_KEY": f"demo-{secrets.token_urlsafe(32)}",
        "STORE_URL": f"file:{folder}/files",
    }


if __name__ == "__main__":
    main()
