"""`calendar load`: the holidays of a year, as the notice of the State Council publishes them."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.accounts.rules.roster import Problem, worded
from app.cli.names import actor_named
from app.core import clock, files
from app.core.columns import JsonObject
from app.core.commands import REFUSED, answer, refusals, with_json
from app.core.db import unit_of_work
from app.core.text import _
from app.rulebook.rules.holidays import SENTENCES, DayLine
from app.rulebook.services.holidays import Entered, Notice, enter

group = AppGroup("calendar", help="The holidays and make-up days that clocks of working days are counted with.")
LIMIT = 1024 * 1024
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("load")
@click.argument("file", type=FILE)
@click.option("--year", type=click.IntRange(2004, 2100), required=True, help="The year that the notice is about.")
@click.option("--source", required=True, help="Title of the notice.")
@click.option("--notice", required=True, help="Number of the notice; clocks counted anew name it as their rule.")
@click.option("--sample", is_flag=True, help="Days made up for a trial: shown as a sample that binds nobody.")
@click.option("--by", "who", help="Code, mail address or telephone of the person who loads.")
@with_json
def load(file: Path, *, year: int, source: str, notice: str, sample: bool, who: str | None, as_json: bool) -> None:
    """Enter the holidays of a year from FILE (csv, xlsx: day, work as free or working), all rows or none.

    What was entered for the year before is replaced. Running days that end in the year or later are counted anew;
    one that was told to a party becomes later only.
    """
    with refusals(), unit_of_work(), file.open("rb") as stream:
        told = Notice(year, source.strip(), notice.strip(), sample)
        entered = enter(files.read_limited(stream, LIMIT), told, by=actor_named(who), at=clock.now())
    failed = [_failed(line, found) for line, found in entered.bad]
    lines = [_("Row %(line)s", line=row["line"]) + f"  {row['day'] or '-'}  {row['reason']}" for row in failed]
    answer({**_counts(entered, year), "failed": failed}, "\n".join([*lines, _sentence(entered, year)]), as_json=as_json)
    if failed:
        raise SystemExit(REFUSED)


def _failed(line: DayLine, found: list[Problem]) -> JsonObject:
    reason = " ".join(worded(problem.to_json(), SENTENCES) for problem in found)
    return {"line": line.line, "day": line.day, "reason": reason}


def _counts(entered: Entered, year: int) -> JsonObject:
    working = sum(entered.days.values())
    return {"year": year, "free": len(entered.days) - working, "working": working, "changed": entered.changed}


def _sentence(entered: Entered, year: int) -> str:
    if entered.bad:
        return str(_("The calendar was not changed; rows with problems: %(bad)s.", bad=len(entered.bad)))
    counts = _counts(entered, year)
    if not entered.changed:
        return str(_("%(year)s stands as it was: %(free)s free days, %(working)s make-up days.", **counts))
    return str(_("%(year)s is entered: %(free)s free days, %(working)s make-up days.", **counts))
