"""What many tests begin with, made once: a copy of the database file as it stood then is put back for each of them."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from app.core.db import db, session

_made: dict[str, list[int]] = {}


def begin_with(name: str, make: Callable[[], list[int]]) -> list[int]:
    """Bring the database to where `make` leaves it, and return what it returned the first time.

    Those are keys of rows, because no record outlives its session. Over another database than SQLite it is made anew
    each time.
    """
    if db.engine.dialect.name != "sqlite":
        return make()
    path = Path(str(db.engine.url.database))
    kept = path.with_name(f"{name}.kept")
    if name not in _made:
        found = make()
        _let_go()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(path, kept)
        _made[name] = found
        return found
    _let_go()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    shutil.copy(kept, path)
    return _made[name]


def _let_go() -> None:
    session.remove()
    db.engine.dispose()
