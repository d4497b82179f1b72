"""Commands of the rulebook: `rules load`, `rules check` and `rules replay`."""

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.commands import refuse, with_json
from app.core.db import session, unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.text import _l
from app.rulebook import queries, rules, services
from app.rulebook.kinds import Binding
from app.rulebook.models import DecisionRecord
from app.rulebook.queries import records
from app.rulebook.queries.records import Replayed
from app.rulebook.rules import cases
from app.rulebook.rules.replaying import Change, changes

group = AppGroup("rules", help="Rule packs: check files, load them as drafts, replay past decisions.")
PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@with_json
def check(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Validate pack files, or those of a folder, and run their test cases; exit 1 where one does not fit or fails."""
    failed = {}
    cases = 0
    files = [file for path in paths for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]
    for path in files:
        try:
            cases += _check(path)
        except DomainError as error:
            failed[str(path)] = str(error)
    if as_json:
        click.echo(json.dumps({"checked": len(files), "cases": cases, "failed": failed}, ensure_ascii=False))
    for name, reason in failed.items():
        click.echo(f"{name}: {reason}", err=True)
    raise SystemExit(1 if failed else 0)


def _check(path: Path) -> int:
    """Check one file and return the number of its test cases; raises InvalidError."""
    given, typed = queries.checked(rules.decode(path.read_bytes()))
    lacks = cases.lacking(given.cases, queries.kind(given.kind))
    if lacks:
        raise InvalidError(" ".join(str(one) for one in lacks))
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


@group.command("replay")
@click.argument("kind")
@click.option("--pack", "path", required=True, type=PATH, help="The pack file to judge under.")
@click.option("--year", required=True, type=click.IntRange(2000, 2100), help="The year of the decisions.")
@with_json
def replay(kind: str, path: Path, year: int, *, as_json: bool) -> None:
    """Judge the decisions of a year in the pack's region again under a pack file; nothing is changed."""
    try:
        answer = _replay(kind, path, year)
    except DomainError as error:
        refuse(str(error))
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(f"{answer['records']} {answer['changed']} +{answer['gained']} -{answer['lost']}")
    for change in answer["changes"]:
        click.echo(f"{change['subject']} {change['before']} {change['after']}")


def _replay(kind_name: str, path: Path, year: int) -> dict[str, Any]:
    """Return what a pack file would have decided; raises InvalidError for a file of another kind."""
    given, typed = queries.checked(rules.decode(path.read_bytes()))
    kind = queries.kind(kind_name)
    if given.kind != kind.name:
        raise InvalidError(_l("The file is a pack of the kind “%(kind)s”. Name that kind.", kind=given.kind))
    name = Binding(given.code, given.tag.value, given.source.title_zh, given.source.title_en)
    rows = session.scalars(
        records.standing(kind.name, given.region, year).order_by(DecisionRecord.id).execution_options(yield_per=500)
    )
    answer: dict[str, Any] = {"kind": kind.name, "pack": given.code, "year": year}
    answer |= {"records": 0, "changed": 0, "gained": 0, "lost": 0, "changes": []}
    for one in records.replayed_under(kind, typed, name, rows):
        answer["records"] += 1
        if one.changed:
            _count(answer, one)
    return answer


def _count(answer: dict[str, Any], one: Replayed) -> None:
    answer["changed"] += 1
    answer["gained"] += one.after.met and not one.before.met
    answer["lost"] += one.before.met and not one.after.met
    answer["changes"].append(
        {
            "subject": f"{one.record.subject_type}:{one.record.subject_code}",
            "pack": one.record.pack,
            "before": one.before.outcome.value,
            "after": one.after.outcome.value,
            "why": [_why(change) for change in changes(one.before, one.after)],
        }
    )


def _why(change: Change) -> dict[str, Any]:
    line = change.after or change.before
    return {
        "reason": line.reason if line else "",
        "params": line.params if line else {},
        "before": change.before.outcome.value if change.before else None,
        "after": change.after.outcome.value if change.after else None,
    }


@group.command("load")
@click.argument("path", type=PATH)
@with_json
def load(path: Path, *, as_json: bool) -> None:
    """Load a pack file as a draft; a regulator proposes it, a second one publishes it."""
    try:
        with unit_of_work():
            pack = services.load_draft(rules.decode(path.read_bytes()), by=None, at=clock.now())
    except DomainError as error:
        refuse(str(error))
    click.echo(json.dumps({"code": pack.code}) if as_json else pack.code)
