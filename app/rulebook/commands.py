"""Commands of the rulebook: `rules load` and `rules check`."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.text import _l
from app.rulebook import queries, rules, services

group = AppGroup("rules", help="Rule packs: check files, load them as drafts, replay past decisions.")
PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("check")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def check(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Validate pack files and run their test cases; exit 1 where one does not fit or fails."""
    failed = {}
    cases = 0
    for path in paths:
        try:
            cases += _check(path)
        except DomainError as error:
            failed[str(path)] = str(error)
    if as_json:
        click.echo(json.dumps({"checked": len(paths), "cases": cases, "failed": failed}, ensure_ascii=False))
    for name, reason in failed.items():
        click.echo(f"{name}: {reason}", err=True)
    raise SystemExit(1 if failed else 0)


def _check(path: Path) -> int:
    """Check one file and return the number of its test cases; raises InvalidError."""
    given, typed = queries.checked(rules.decode(path.read_bytes()))
    results = queries.run_cases(given, typed)
    failed = [
        _l("%(case)s: expected %(expected)s, came out %(got)s", case=one.name, expected=one.case.expected.value,
           got=one.verdict.outcome.value)
        for one in results
        if not one.passed
    ]  # fmt: skip
    if failed:
        raise InvalidError("; ".join(str(one) for one in failed))
    return len(results)


@group.command("load")
@click.argument("path", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def load(path: Path, *, as_json: bool) -> None:
    """Load a pack file as a draft; a regulator proposes it, a second one publishes it."""
    try:
        with unit_of_work():
            pack = services.load_draft(rules.decode(path.read_bytes()), by=None, at=clock.now())
    except DomainError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from error
    click.echo(json.dumps({"code": pack.code}) if as_json else pack.code)
