"""`users create` and `roles grant`: administration without the web."""

from datetime import date, datetime
from typing import TextIO

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.accounts import queries, services
from app.accounts.models import Account, Person
from app.accounts.states import IdentityKind, Role
from app.cli.names import person_named
from app.core import clock
from app.core.commands import answer, refusals, with_json
from app.core.config import settings
from app.core.db import session, unit_of_work
from app.core.text import _

users = AppGroup("users", help="People and their accounts.")
roles = AppGroup("roles", help="What people may be, and where.")
DAY = click.DateTime(["%Y-%m-%d"])


@users.command("create")
@click.argument("name")
@click.option("--latin", help="The name in Latin letters.")
@click.option("--email")
@click.option("--phone")
@click.option("--identity-kind", type=click.Choice([kind.value for kind in IdentityKind]), default="resident_id")
@click.option("--identity-number", help="Needed for an invitation: the person shows its last characters.")
@click.option("--password-file", type=click.File("r"), help="Make the account with this password; - reads stdin.")
@with_json
def create(  # noqa: PLR0917 - click passes each option as an argument
    name: str,
    latin: str | None,
    email: str | None,
    phone: str | None,
    identity_kind: str,
    identity_number: str | None,
    password_file: TextIO | None,
    *,
    as_json: bool,
) -> None:
    """Add a person; print the invitation with which they make their account, unless a password is given."""
    with refusals(), unit_of_work():
        person = services.add_person(
            name=name,
            name_latin=latin,
            identity_kind=IdentityKind(identity_kind) if identity_number else None,
            identity_number=identity_number,
            phone=phone,
            email=email,
            at=clock.now(),
        )
        link = _let_in(person, password_file.read().strip() if password_file else None)
    sentence = _("%(name)s is known as %(code)s.", name=person.name, code=person.code)
    answer(
        {"person": person.code, "invitation": link},
        f"{sentence}\n{link}" if link else sentence,
        as_json=as_json,
    )


def _let_in(person: Person, password: str | None) -> str | None:
    """Make the account at once, or return the link with which the person makes it."""
    if password is not None:
        services.add_account(person, password, at=clock.real_now())
    if password is not None or person.identity_kind is None:
        return None
    token = services.invite(person, by=None, at=clock.real_now())
    return f"{settings().public_url}/invitation/{token}"


@users.command("count")
@with_json
def count(*, as_json: bool) -> None:
    """Count the people and the accounts; for checking an installation."""
    people = session.scalar(select(func.count()).select_from(Person)) or 0
    accounts = session.scalar(select(func.count()).select_from(Account)) or 0
    sentence = _("%(people)s people, %(accounts)s accounts", people=people, accounts=accounts)
    answer({"people": people, "accounts": accounts}, sentence, as_json=as_json)


@roles.command("grant")
@click.argument("who")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--region", required=True, help="GB/T 2260 code; 100000 is the nation.")
@click.option("--organisation", help="The organisation's slug.")
@click.option("--from", "starts", type=DAY, help="First day, today if not given.")
@click.option("--until", "ends", type=DAY, help="Last day, open if not given.")
@with_json
def grant(  # noqa: PLR0917 - click passes each option as an argument
    who: str,
    role: str,
    region: str,
    organisation: str | None,
    starts: datetime | None,
    ends: datetime | None,
    *,
    as_json: bool,
) -> None:
    """Give a role to a person, named by code, mail address, telephone or identity number."""
    with refusals(), unit_of_work():
        membership = services.grant_role(
            person_named(who),
            Role(role),
            region_code=queries.region(region).code,
            organisation_id=queries.organisation(organisation).id if organisation else None,
            starts_on=_day(starts) or clock.today(),
            ends_on=_day(ends),
            by=None,
            at=clock.now(),
        )
    sentence = _("The role is given: %(code)s.", code=membership.code)
    answer({"membership": membership.code}, sentence, as_json=as_json)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None
