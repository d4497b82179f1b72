"""An installation for measurements of certificates: an issuing body, and as many people as are asked for."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import insert

from app.accounts.models import Person
from app.core.columns import new_code
from app.core.db import session, unit_of_work
from app.credentials.models import CertificateRequest
from app.credentials.states import CertificateKind, RequestState
from app.settings import Settings
from tests.factories.accounts import MADE_AT
from tests.factories.credentials import ISSUED_AT, Office, fields, make_office

ROWS_AT_ONCE = 5000
KEY = base64.urlsafe_b64encode(b"b" * 32).decode()
SECRET = secrets.token_hex()
FAMILY, GIVEN = 0x738B, 0x4E00
"""Code points of the names: one family, and given names of two of the commonest characters of the font."""


@dataclass(frozen=True)
class Site:
    """The settings of an installation and the environment in which its processes find it."""

    settings: Settings
    environment: dict[str, str]


def site_in(folder: Path, name: str, *, port: int = 8000) -> Site:
    """Return an installation of its own in a folder, on SQLite as it is shipped."""
    environment = {
        "DATABASE_URL": f"sqlite:///{folder}/{name}.db",
        "SECRET_KEY": SECRET,
        "FIELD_KEYS": KEY,
        "KEY_STORE": str(folder / f"{name}-keys"),
        "QUEUE_PATH": str(folder / f"{name}-jobs.db"),
        "STORE_URL": f"file:{folder}/{name}-files",
        "PUBLIC_URL": f"http://localhost:{port}",
        "MAIL_URL": "",
        "DEMO": "0",
    }
    settings = Settings(
        _env_file=None,
        database_url=environment["DATABASE_URL"],
        secret_key=SecretStr(SECRET),
        field_keys=SecretStr(KEY),
        key_store=environment["KEY_STORE"],
        queue_path=environment["QUEUE_PATH"],
        store_url=environment["STORE_URL"],
        public_url=environment["PUBLIC_URL"],
    )
    return Site(settings, environment)


def name_of(place: int) -> str:
    """Return the name of one of many people; after four million they begin anew."""
    return chr(FAMILY) + chr(GIVEN + place % 2000) + chr(GIVEN + place // 2000 % 2000)


def people(count: int) -> list[int]:
    """Write people with names of their own and return their keys."""
    made: list[int] = []
    for first in range(0, count, ROWS_AT_ONCE):
        rows = [
            {
                "code": new_code(),
                "name": name_of(place),
                "created_at": MADE_AT,
            }
            for place in range(first, min(first + ROWS_AT_ONCE, count))
        ]
        with unit_of_work():
            made += session.scalars(insert(Person).returning(Person.id), rows).all()
    return made


def requests(office: Office, person_ids: Sequence[int]) -> None:
    """Let a certificate wait for each person, as the award of a level asks for it."""
    given = fields()
    for first in range(0, len(person_ids), ROWS_AT_ONCE):
        rows = [
            {
                "kind": CertificateKind.CAPABILITY,
                "body_id": office.body.id,
                "person_id": one,
                "source_type": "request_file",
                "source_code": f"award-{one}",
                "fields": {**given, "number": f"TM37{one:08d}"},
                "state": RequestState.OPEN,
                "requested_at": ISSUED_AT,
            }
            for one in person_ids[first : first + ROWS_AT_ONCE]
        ]
        with unit_of_work():
            session.execute(insert(CertificateRequest), rows)


def open_office() -> Office:
    """Make the schema and the office in a fresh database; the caller holds the application's context."""
    upgrade()
    return make_office(platform=True)
