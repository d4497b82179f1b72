"""`titles check APPLICATION`: the computed verdict with its facts, rule pack and reasons."""

import json

import click
from flask.cli import AppGroup

from app.assessment.titles import queries, wording
from app.core import clock
from app.core.commands import refuse, with_json
from app.core.errors import DomainError
from app.rulebook.facts import to_json

group = AppGroup("titles", help="Title evaluation: check an application against its scheme.")


@group.command("check")
@click.argument("application")
@with_json
def check(application: str, *, as_json: bool) -> None:
    """Judge an application as it is known now; exit 1 where it is unknown."""
    try:
        found = queries.by_code(application)
    except DomainError as error:
        refuse(str(error))
    judged = queries.judged(found, known_at=clock.now())
    words = wording.phrases()
    missing = words.missing(judged.verdict)
    if as_json:
        document = {
            "application": found.code,
            "state": found.state.value,
            "judged_on": found.round.apply_until.isoformat(),
            "pack": judged.verdict.pack,
            "outcome": judged.verdict.outcome.value,
            "missing": missing,
            "facts": to_json(judged.facts),
            "verdict": judged.verdict.to_json(),
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    click.echo(f"{judged.verdict.outcome.value} {judged.verdict.pack}")
    for line in judged.verdict.lines:
        click.echo(f"{line.outcome.value}: {words.text(line)}")
