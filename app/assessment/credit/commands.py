"""The command `credit rate`: a rating computed on a day as known at a day, with its facts, pack and reasons."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.accounts.models import Person
from app.assessment.certification.queries import registered
from app.assessment.credit.queries import ratings
from app.core import clock
from app.core.commands import refuse, with_json
from app.core.db import session
from app.core.errors import DomainError
from app.rulebook.facts import to_json

group = AppGroup("credit", help="Credit evaluation: ratings as they were known.")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@group.command("rate")
@click.argument("person")
@click.option("--on", "on", required=True, type=DAY, help="The day that is rated.")
@click.option("--known", type=DAY, help="Use what was known at the end of this day; now where left out.")
@with_json
def rate(person: str, on: datetime, known: datetime | None, *, as_json: bool) -> None:
    """Rate a PERSON (code, or number in the register) without storing anything."""
    try:
        answer = _rate(person, on.date(), _known_at(known.date() if known else None))
    except DomainError as error:
        refuse(str(error))
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(f"{answer['person']} {answer['on']}: {answer['score']} {answer['grade']} ({answer['pack']})")
    for line in answer["lines"]:
        click.echo(f"  {line['outcome']:8} {line['reason']} {line['params']}")


def _known_at(day: date | None) -> datetime:
    """Return the end of a day in Shanghai, never later than now."""
    now = clock.now()
    if day is None:
        return now
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.SHANGHAI) - timedelta(microseconds=1)
    return min(end, now)


def _rate(named: str, on: date, known_at: datetime) -> dict[str, Any]:
    person = session.scalar(select(Person).where(Person.code == named)) or _registered(named)
    region = ratings.region_of(person.id, known_at)
    found = ratings.rate([person.id], region, on=on, known_at=known_at)[person.id]
    stored = found.verdict.to_json()
    return {
        "person": person.code,
        "region": region,
        "on": on.isoformat(),
        "known_at": known_at.isoformat(),
        "score": f"{found.graded.score:f}",
        "grade": found.graded.grade,
        "facts": to_json(found.facts),
        **stored,
    }


def _registered(number: str) -> Person:
    """Return who holds a number of the register; raises NotFoundError."""
    return registered(number).person


COMMANDS = (group,)
