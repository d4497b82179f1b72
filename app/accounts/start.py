"""What a production start refuses to run with."""

from flask import Flask
from sqlalchemy import inspect, select

from app.accounts.models import Account
from app.core.clock import ClockSetting, clock_was_moved
from app.core.db import db, session
from app.settings import Settings, UnsafeSettingsError


def refuse_demo(app: Flask) -> None:
    """Refuse a production start on a database that a demo has used.

    A database without tables yet passes: it is about to be migrated. Raises UnsafeSettingsError.
    """
    settings: Settings = app.extensions["settings"]
    if settings.settable_clock:
        return
    with app.app_context():
        if _has_tables():
            _refuse()
        session.remove()


def _has_tables() -> bool:
    found = inspect(db.engine)
    return all(found.has_table(model.__tablename__) for model in (Account, ClockSetting))


def _refuse() -> None:
    if clock_was_moved():
        raise UnsafeSettingsError("The clock of this database was moved by a demo: production needs its own database.")
    if session.scalar(select(Account.id).where(Account.demo).limit(1)) is not None:
        raise UnsafeSettingsError("This database holds demo accounts: production needs its own database.")
