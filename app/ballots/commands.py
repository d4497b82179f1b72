"""`ballots verify FILE`: recompute a bulletin, without the database."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.ballots.rules.bulletin import verify
from app.core.commands import REFUSED, refuse, with_json

group = AppGroup("ballots", help="Secret ballots: recompute a bulletin.")
PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("verify")
@click.argument("path", type=PATH)
@with_json
def verify_file(path: Path, *, as_json: bool) -> None:
    """Check keys, every vote, the list, the openings and the counts of a downloaded bulletin."""
    try:
        bulletin = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        refuse("The file is not a bulletin: it is not JSON in UTF-8.")
    if not isinstance(bulletin, dict):
        refuse("The file is not a bulletin: download it from the page of the ballot.")
    checks = verify(bulletin)
    valid = all(one.passed for one in checks)
    if as_json:
        rows = [{"name": one.name, "result": "pass" if one.passed else "fail", "detail": one.detail} for one in checks]
        click.echo(json.dumps({"valid": valid, "checks": rows, "results": bulletin.get("results")}))
    else:
        for one in checks:
            click.echo(f"{'pass' if one.passed else 'FAIL'}  {one.name}: {one.detail}")
    if not valid:
        raise SystemExit(REFUSED)
