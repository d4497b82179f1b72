"""`panels redraw FILE` and `panels commitment`: what a witness needs, without trust in this site."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.core.commands import REFUSED, refuse, with_json
from app.core.errors import DomainError
from app.panels.rules.document import read_draw, recompute
from app.panels.rules.draw import commitment

group = AppGroup("panels", help="Panels: recompute a draw, commit to a secret.")
PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("redraw")
@click.argument("path", type=PATH)
@with_json
def redraw(path: Path, *, as_json: bool) -> None:
    """Recompute a downloaded draw from its inputs alone; exit 1 where anything differs."""
    try:
        checks = recompute(read_draw(json.loads(path.read_text("utf-8"))))
    except (DomainError, ValueError) as error:
        refuse(str(error))
    equal = all(check.equal for check in checks)
    if as_json:
        click.echo(json.dumps({"equal": equal, "checks": {check.name: check.equal for check in checks}}))
    else:
        for check in checks:
            click.echo(f"{check.name}: {'equal' if check.equal else 'NOT EQUAL'}")
        click.echo("The draw is equal." if equal else "The draw is NOT equal.")
    if not equal:
        raise SystemExit(REFUSED)


@group.command("commitment")
@click.argument("panel")
@click.argument("person")
@with_json
@click.password_option("--secret", prompt="Secret", help="The secret to commit to.")
def commit_to(panel: str, person: str, secret: str, *, as_json: bool) -> None:
    """Print the commitment of a person to a secret for a panel."""
    text = commitment(panel, person, secret.strip())
    click.echo(json.dumps({"commitment": text}) if as_json else text)
