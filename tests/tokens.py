"""A PKCS#11 token in software (SoftHSM) for tests: one a process, in a folder of its own."""

import os
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

PLACES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
MODULE = next((place for place in PLACES if Path(place).is_file()), "")
LABEL = "jijing tests"
SPARE = "jijing spare"
PIN = "4711-0815"


@cache
def _tokens() -> None:
    """Initialise every token that tests use: SoftHSM reads its settings and looks for tokens once a process."""
    folder = Path(mkdtemp(prefix="softhsm-"))
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    for label in (LABEL, SPARE):
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "so-pin-1"]
        subprocess.run(command, check=True, capture_output=True)


def soft_token(label: str = LABEL) -> str:
    """Return the URI of a token, which holds no PIN."""
    _tokens()
    return f"pkcs11:token={label.replace(' ', '%20')}?module-path={MODULE}"
