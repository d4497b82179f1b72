"""The database: one typed `Base`, one `session`, one `unit_of_work`; beside `short_writes` nothing else says commit."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, NoReturn

from flask import Flask, current_app, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry
from sqlalchemy.orm.exc import StaleDataError

from app.core.columns import TYPES
from app.core.errors import ConflictError
from app.core.text import _l

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
IDLE_TRANSACTION_MS = 600_000
"""PostgreSQL ends a transaction that idles for ten minutes; the sealed log counts on it."""
USUAL_CACHE = -2000
"""What SQLite itself keeps of pages a connection: 2 MB."""
KEEPS_PAGES = "keeps_pages"
PATIENCE_MS = 5000
LOOK_SECONDS = 0.0007
"""How long a writer waits for its turn on SQLite, and after how long it looks anew: about as long as a save takes."""
SHARE_SECONDS = 0.0005
"""How long a thread of a web worker goes on while another wants its turn.

With Python's 5 ms whoever holds the write lock of SQLite waits that long for the other thread after each call that
reaches the disk, and everybody waits for the lock: 525 saves a second instead of 630, measured one after the other.
"""
SQLITE_PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": PATIENCE_MS}


class Base(DeclarativeBase):
    """The parent of every table; constraints are named by convention."""

    registry = registry(metadata=MetaData(naming_convention=CONVENTION), type_annotation_map=TYPES)

    def __repr__(self) -> str:
        key = self.__dict__.get("code", self.__dict__.get("id", "new"))
        return f"<{type(self).__name__} {key}>"


class Versioned:
    """A record whose races become 409: the version is checked by each UPDATE."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Tell the mapper which column counts the versions."""
        return {"version_id_col": cls.__dict__.get("version", cls.version)}


db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"expire_on_commit": False},
    disable_autonaming=True,
)
session = db.session


class WriteScope:
    """What happens around a commit: hooks registered by outbox and jobs run after it."""

    after_commit: ClassVar[list[Any]] = []


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Run the block as one write transaction; a nested unit joins the outer one.

    Objects read before are read again inside, so the block sees one consistent state.
    Raises ConflictError where somebody else changed a record first.
    """
    current = session()
    if current.info.get("writing"):
        yield
        return
    _end_read(current)
    current.info["writing"] = True
    try:
        session.connection(execution_options={"write": True})
        yield
        current.commit()
    except StaleDataError as error:
        current.rollback()
        raise ConflictError(_l("Someone else changed this record first. Reload the page and look again.")) from error
    except IntegrityError as error:
        current.rollback()
        raise as_conflict(error) from error
    except BaseException:
        current.rollback()
        raise
    finally:
        current.info.pop("writing", None)
    for hook in tuple(WriteScope.after_commit):
        hook(current)


def keep_pages() -> None:
    """Let a large write keep the pages it changes in memory (12 MB at most), so that it ends sooner; SQLite only.

    With the usual 2 MB the pages of random indexes are written out and read in again many times under the lock.
    The memory is given back with the connection, when the transaction has ended.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size = -12288")
        connection.info[KEEPS_PAGES] = True


def _let_pages_go(connection: Any, record: Any) -> None:  # noqa: ANN401 - DBAPI and pool are untyped
    if connection is not None and record.info.pop(KEEPS_PAGES, False):
        connection.execute(f"PRAGMA cache_size = {USUAL_CACHE}")
        connection.execute("PRAGMA shrink_memory")


def _end_read(current: Any) -> None:  # noqa: ANN401 - the scoped session's own type is private
    if current.new or current.dirty or current.deleted:
        msg = "a record was changed outside of a unit of work"
        raise RuntimeError(msg)
    current.commit()
    current.expire_all()


def end_read() -> None:
    """Give the connection back between two reads, so that nothing is held while one waits for the network."""
    _end_read(session())


def as_conflict(error: IntegrityError) -> ConflictError:
    """Turn a broken constraint into a refusal; its name stays as the code for the form."""
    diag = getattr(error.orig, "diag", None)
    name = getattr(diag, "constraint_name", None) or str(error.orig)
    return ConflictError(
        _l("This breaks a rule of the records (%(rule)s). Nothing was changed.", rule=name),
        code=name,
    )


def writing() -> bool:
    """Tell whether a unit of work is open."""
    return bool(session().info.get("writing"))


def init_app(app: Flask, url: str) -> None:
    """Connect the application to its database and watch that reads do not write.

    A test (`Settings.testing`) may stand on a server whose files die with it; nothing else may.
    """
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    if url.startswith("postgresql"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "pool_size": 5,
            "pool_pre_ping": True,
            "connect_args": {"options": f"-c idle_in_transaction_session_timeout={IDLE_TRANSACTION_MS}"},
        }
    db.init_app(app)
    with app.app_context():
        _listen(db.engine, durable=not app.testing)
    app.before_request(_mark_read)
    app.teardown_request(_check_read)


def _listen(engine: Engine, *, durable: bool) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _let_pages_go)
    else:
        event.listen(engine, "connect", _assert_postgresql)
        if durable:
            event.listen(engine, "connect", _assert_server_durable)


def _prepare_sqlite(connection: Any, record: object) -> None:  # noqa: ANN401 - DBAPI is untyped
    del record
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, value in SQLITE_PRAGMAS.items():
        cursor.execute(f"PRAGMA {name} = {value}")
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if str(found) not in {str(value), "memory"}:
            msg = f"SQLite refuses {name} = {value}; it says {found}"
            raise RuntimeError(msg)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("write"):
        _take_turn(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _take_turn(connection: Connection) -> None:
    """Begin a write as soon as nobody else writes; raises OperationalError when patience ends.

    SQLite itself looks every 100 ms when it has waited for a while, and a writer who comes back at once takes every
    turn between two looks: an answer then waits for seconds beside long work though no transaction is long. Here it
    looks anew after about as long as a short write takes, so that the disk is never idle while somebody waits.
    """
    held: Any = connection.connection.dbapi_connection
    until = time.monotonic() + PATIENCE_MS / 1000
    held.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < until:
            try:
                held.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(LOOK_SECONDS)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        held.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")


def _assert_postgresql(connection: Any, record: object) -> None:  # noqa: ANN401 - DBAPI is untyped
    """Refuse a connection whose commits do not wait for the disk, or that isolates otherwise than the rules expect.

    `synchronous_commit` stronger than `on` is well; `local` waits for our own disk and passes.
    """
    del record
    found = _settings_of(connection, "synchronous_commit", "transaction_isolation")
    if found["synchronous_commit"] == "off":
        _refuse(connection, "PostgreSQL runs with synchronous_commit = off: an answer could be lost")
    isolation = found["transaction_isolation"]
    if isolation != "read committed":
        _refuse(
            connection,
            f"PostgreSQL isolates transactions as {isolation}: the rules of the records count on read committed",
        )


def _assert_server_durable(connection: Any, record: object) -> None:  # noqa: ANN401 - DBAPI is untyped
    """Refuse a server that lets the disk lag behind: after a power cut what it has confirmed is gone or torn.

    Source: the manual of PostgreSQL, 19.5.1, on `fsync` and `full_page_writes`.
    """
    del record
    found = _settings_of(connection, "fsync", "full_page_writes")
    lax = ", ".join(f"{name} = {value}" for name, value in found.items() if value != "on")
    if lax:
        _refuse(
            connection,
            f"PostgreSQL runs with {lax}: a power cut could lose answers. Set them to on in postgresql.conf.",
        )


def _refuse(connection: Any, why: str) -> NoReturn:  # noqa: ANN401 - DBAPI is untyped
    connection.close()
    raise RuntimeError(why)


def _settings_of(connection: Any, *names: str) -> dict[str, str]:  # noqa: ANN401 - DBAPI is untyped
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
        values = cursor.fetchone()
    connection.rollback()
    return dict(zip(names, values, strict=True))


def _mark_read() -> None:
    if session.registry.has():
        session().info.pop("writing", None)


def _check_read(error: BaseException | None) -> None:
    """Fail a test whose GET left changes behind; in production they are dropped."""
    if not session.registry.has():
        return
    current = session()
    dirty = current.new or current.dirty or current.deleted
    if error is None and dirty and request.method in {"GET", "HEAD"} and current_app.testing:
        changed = [*current.new, *current.dirty, *current.deleted]
        current.rollback()
        msg = f"a GET changed records: {changed}"
        raise RuntimeError(msg)
