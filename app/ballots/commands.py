"""`ballots verify FILE`: recompute a bulletin, without the database."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.ballots.rules.bulletin import verify

group = AppGroup("ballots", help="Secret ballots: recompute a bulletin.")
PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
REFUSED = 1


@group.command("verify")
@click.argument("path", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify_file(path: Path, *, as_json: bool) -> None:
    """Check keys, every vote, the list, the openings and the counts of a downloaded bulletin."""
    try:
        bulletin = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        click.echo("The file is not a bulletin: it is not JSON in UTF-8.", err=True)
        raise SystemExit(REFUSED) from error
    if not isinstance(bulletin, dict):
        click.echo("The file is not a bulletin: download it from the page of the ballot.", err=True)
        raise SystemExit(REFUSED)
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
