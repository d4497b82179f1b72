"""The people of the demo, who sign in as `<role>@demo.example`."""

import tomllib
from functools import cache

from app.accounts import queries, services
from app.accounts.models import Person
from app.accounts.rules.identity import check_digit
from app.accounts.rules.passwords import hash_password
from app.accounts.states import WITHOUT_SECOND_FACTOR, IdentityKind, Role
from app.cli.demo.step import CONTENT, MADE_AT, ROLES_FROM, Demo
from app.core.columns import JsonObject
from app.core.db import unit_of_work

FILE = CONTENT / "demo" / "people.toml"
PASSWORD = "demo-Passw0rd-2026"  # noqa: S105 - published, and refused by a production start
TOTP_SEED = "JBSWY3DPEHPK3PXP"
FIRST_SERIAL = 901
DOMAIN = "demo.example"


def load(demo: Demo) -> int:
    """Make the people, accounts and roles that are missing."""
    del demo
    made = 0
    with unit_of_work():
        for place, one in enumerate(tomllib.loads(FILE.read_text("utf-8"))["people"]):
            made += _load_one(place, one)
    return made


def _load_one(place: int, one: JsonObject) -> bool:
    person = services.add_person(
        name=one["name"],
        name_latin=one["latin"],
        identity_kind=IdentityKind.RESIDENT_ID,
        identity_number=identity_number(FIRST_SERIAL + place),
        phone=f"199{place + 1:08d}",
        email=f"{one['sign_in']}@{DOMAIN}",
        at=MADE_AT,
    )
    role = Role(one["role"])
    organisation = one.get("organisation")
    services.grant_role(
        person,
        role,
        region_code=one["region"],
        organisation_id=queries.organisation(organisation).id if organisation else None,
        starts_on=ROLES_FROM,
        by=None,
        at=MADE_AT,
    )
    return add_demo_account(person, second_factor=role not in WITHOUT_SECOND_FACTOR)


def add_demo_account(person: Person, *, second_factor: bool = False) -> bool:
    """Let a person of the demo sign in with the published password; return whether it was new."""
    if queries.account_of(person.id) is not None:
        return False
    services.add_account(
        person,
        None,
        password_hash=_hash_once(),
        totp_secret=TOTP_SEED if second_factor else None,
        demo=True,
        at=MADE_AT,
    )
    return True


def identity_number(serial: int) -> str:
    """Return a number of the test range: Lixia, born on 1 January 1900, with a right check digit."""
    first = f"37010219000101{serial:03d}"
    return first + check_digit(first)


@cache
def _hash_once() -> str:
    return hash_password(PASSWORD)
