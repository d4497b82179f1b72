"""One installation: its demo keys, its compiled texts and media, its schema and its demo data."""

import base64
import os
import re
import secrets
from pathlib import Path

from scripts.places import BIN, INSTANCE, ROOT, digest, is_current, mark_current, run, say

DEMO_SETTINGS = INSTANCE / "demo.env"
MEDIA_BUILDER = ROOT / "scripts" / "build_media.py"
DEFAULT_DATABASE = f"sqlite:///{INSTANCE}/jijing.db"


def create_demo_settings() -> None:
    """Draw the keys of the demo once, readable by this account alone; the environment and `.env` stand above them."""
    if DEMO_SETTINGS.exists():
        return
    INSTANCE.mkdir(exist_ok=True)
    lines = (
        "# Made by set-up for the demo. Production takes its settings from the environment or .env.",
        "DEMO=1",
        f"SECRET_KEY=demo-{secrets.token_urlsafe(32)}",
        f"FIELD_KEYS={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}",
    )
    descriptor = os.open(DEMO_SETTINGS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines) + "\n")


def compile_code() -> None:
    """Compile what changed once, because each process would do it again where Python may not write its cache."""
    run([BIN / "python", "-m", "compileall", "-q", ROOT / "app"])


def compile_translations() -> None:
    """Compile the message catalogues of every room."""
    sources = digest(list((ROOT / "app").rglob("*.po")))
    compiled = all(path.with_suffix(".mo").is_file() for path in (ROOT / "app").rglob("*.po"))
    if compiled and is_current("translations", sources):
        return
    say("Compiling translations")
    run([BIN / "python", "-c", "from app.web.catalogues import compile_all; compile_all()"])
    mark_current("translations", sources)


def build_media() -> None:
    """Build the lesson videos; the builder itself skips those that stand."""
    if not MEDIA_BUILDER.exists():
        return
    run([BIN / "python", "-m", "scripts.build_media"])


def build_fonts() -> None:
    """Make the faces of certificates; the maker itself skips those that stand."""
    run([BIN / "python", "-m", "scripts.certificate_fonts"])


def migrate() -> None:
    """Bring the schema of the database up to date."""
    revisions = digest(list((ROOT / "migrations").glob("**/*.py")), _database_identity())
    if is_current("migrated", revisions):
        return
    say("Bringing the database up to date")
    run([BIN / "flask", "--app", "wsgi", "db", "upgrade"])
    mark_current("migrated", digest(list((ROOT / "migrations").glob("**/*.py")), _database_identity()))


def load_demo(url: str) -> None:
    """Load the demo data once into a database of a demo, whose certificates name the address of that time for good."""
    if setting("DEMO").lower() not in {"1", "true", "yes", "on"}:
        return
    identity = digest([], _database_identity())
    if is_current("demo", identity):
        return
    say("Loading the demo data")
    _keep_address(url)
    run([BIN / "flask", "--app", "wsgi", "demo", "load"])
    mark_current("demo", identity)


def _keep_address(url: str) -> None:
    """Write down for which address the demo is loaded, unless the environment or `.env` say it."""
    kept = re.sub(r"^PUBLIC_URL=.*\n", "", DEMO_SETTINGS.read_text(), flags=re.MULTILINE)
    DEMO_SETTINGS.write_text(kept)
    if not setting("PUBLIC_URL"):
        DEMO_SETTINGS.write_text(f"{kept}PUBLIC_URL={url}\n")


def setting(name: str, default: str = "") -> str:
    """Read one setting as the application will: environment, then `.env`, then the demo's own file."""
    if name in os.environ:
        return os.environ[name]
    for file in (ROOT / ".env", DEMO_SETTINGS):
        found = file.is_file() and re.search(rf"^{name}\s*=\s*(.*?)\s*$", file.read_text(), re.MULTILINE)
        if found:
            return found.group(1).strip("'\"")
    return default


def _database_identity() -> str:
    """Name the database, and for a file also the file itself, so that one made anew counts as new."""
    url = setting("DATABASE_URL", DEFAULT_DATABASE)
    path = Path(url.removeprefix("sqlite:///").partition("?")[0])
    if url.startswith("sqlite:///") and path.is_file():
        return f"{url} {path.stat().st_ino}"
    return url
