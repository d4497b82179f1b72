"""`people import` and `people rename`: people without the web."""

from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from app.accounts import staged_queries as staged_people
from app.accounts.queries import person
from app.accounts.rules.roster import worded
from app.accounts.services import people_import as imports
from app.accounts.services.people import correct_name
from app.accounts.staged import PeopleImport, PeopleRow
from app.core import clock, files
from app.core.columns import JsonObject
from app.core.commands import REFUSED, answer, refusals, with_json
from app.core.db import session, unit_of_work
from app.core.text import _, _n

group = AppGroup("people", help="People: add them from a roster, correct a name.")
LIMIT = 64 * 1024 * 1024
PURPOSE = "people"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("import")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Check the rows and report; add nobody.")
@click.option("--good-only", is_flag=True, help="Add the good rows although others have problems.")
@with_json
def import_(file: Path, *, dry_run: bool, good_only: bool, as_json: bool) -> None:
    """Add the people of a roster (xlsx, csv), all or none, with a report of every row.

    A call that was killed goes on where it stopped when it is repeated with the same file.
    """
    with refusals():
        staged = _staged(file)
        _check(staged)
        refused = staged.bad > 0 and not good_only
        if not (refused or dry_run or not staged.good):
            with unit_of_work():
                imports.take_over(staged, only_good=good_only, at=clock.now())
        report = list(_report(staged))
        document = {**_counts(staged), "report": report}
        answer(document, "\n".join([*map(_line, report), _sentence(staged)]), as_json=as_json)
        _settle(staged)
    if refused or not staged.good:
        raise SystemExit(REFUSED)


@group.command("rename")
@click.argument("code")
@click.argument("name")
@click.option("--latin", help="The name in Latin letters, as the document has it.")
@click.option("--reason", required=True, help="The document that was seen, and its date.")
@with_json
def rename(code: str, name: str, *, latin: str | None, reason: str, as_json: bool) -> None:
    """Give the person CODE the verified name NAME; they are told that they may ask for new certificates."""
    with refusals(), unit_of_work():
        found = person(code)
        changed = correct_name(found, name=name, name_latin=latin, reason=reason, at=clock.now())
    answer({"person": code, "changed": changed}, _("Corrected") if changed else _("Nothing to change"), as_json=as_json)


def _staged(file: Path) -> PeopleImport:
    with file.open("rb") as stream:
        read = imports.read_file(files.read_limited(stream, LIMIT), file.name)
    with unit_of_work():
        earlier = staged_people.waiting(read.digest, PURPOSE)
        if earlier is not None and earlier.checked_at is None:
            return earlier
        return imports.stage(read, purpose=PURPOSE, by=None, at=clock.now())


def _check(staged: PeopleImport) -> None:
    more = staged.checked_at is None
    while more:
        rows = imports.check_block(staged)
        with unit_of_work():
            more = imports.keep_block(staged, rows, at=clock.now())
        click.echo(_("%(done)s of %(total)s rows checked", done=staged.checked, total=staged.total), err=True)


def _settle(staged: PeopleImport) -> None:
    """Record who was added and clear what was staged; an import that added nobody is discarded."""
    line: int | None = 0
    while line is not None:
        with unit_of_work():
            if staged.committed_at is None and staged.discarded_at is None:
                imports.discard(staged, at=clock.now())
            line = imports.settle(staged, after=line, by=None, at=staged.committed_at or clock.now())
        session.expunge_all()
        session.add(staged)


def _report(staged: PeopleImport) -> Iterator[JsonObject]:
    for row in staged_people.rows_of(staged):
        yield {
            "line": row.line,
            "name": row.name,
            "document": row.masked,
            "result": _result(row, staged),
            "reasons": [worded(problem) for problem in row.problems],
            "person": row.person_code if row.known or (row.good and staged.committed_at) else None,
        }


def _result(row: PeopleRow, staged: PeopleImport) -> str:
    if not row.good:
        return "failed"
    if row.known:
        return "known"
    return "added" if staged.committed_at else "good"


def _counts(staged: PeopleImport) -> JsonObject:
    added = staged_people.count_new(staged)
    return {
        "import": staged.code,
        "rows": staged.total,
        "added": added if staged.committed_at else 0,
        "known": staged.good - added,
        "failed": staged.bad,
    }


def _line(row: JsonObject) -> str:
    place = str(_("Row %(line)s", line=row["line"]))
    return "  ".join([place, row["name"] or "-", row["document"] or "-", row["result"], *row["reasons"]])


def _sentence(staged: PeopleImport) -> str:
    if staged.committed_at is None:
        return str(
            _n(
                "Nobody was added; %(num)s row has problems.",
                "Nobody was added; %(num)s rows have problems.",
                staged.bad,
            )
        )
    return str(_n("%(num)s row is taken over.", "%(num)s rows are taken over.", staged.good))
