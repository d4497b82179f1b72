"""`accounts regions`: the regions of an installation, shipped or from an official list."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.accounts.rules.regions import SENTENCES, RegionLine
from app.accounts.rules.roster import Problem, worded
from app.accounts.services import regions as services
from app.accounts.services.regions import Loaded
from app.cli.names import actor_named
from app.core import clock, files
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.commands import REFUSED, answer, refusals, with_json
from app.core.db import unit_of_work
from app.core.text import _

group = AppGroup("accounts", help="What people, organisations and roles need: the regions.")
LIMIT = 8 * 1024 * 1024
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("regions")
@click.argument("file", type=FILE, required=False)
@click.option("--source", help="With FILE: the publication and its edition, as the page of a region shows it.")
@click.option("--reason", help="With FILE: why it is loaded, for the trail of events.")
@click.option("--by", "who", help="Code, mail address or telephone of the person who loads, once there are people.")
@with_json
def regions(file: Path | None, *, source: str | None, reason: str | None, who: str | None, as_json: bool) -> None:
    """Add the shipped regions, or add and rename those of FILE (csv, xlsx: code, name_zh, name_en), all rows or none.

    The shipped list never renames what stands. FILE brings codes of GB/T 2260; name_en may be missing.
    """
    if file is not None and not (source and reason):
        message = _("A file needs --source and --reason.")
        raise click.UsageError(message)
    with refusals(), unit_of_work():
        loaded = _load(file, source or "", reason, actor_named(who))
    failed = [_failed(line, found) for line, found in loaded.bad]
    lines = [_("Row %(line)s", line=row["line"]) + f"  {row['code'] or '-'}  {row['reason']}" for row in failed]
    answer({**_counts(loaded), "failed": failed}, "\n".join([*lines, _sentence(loaded)]), as_json=as_json)
    if failed:
        raise SystemExit(REFUSED)


def _load(file: Path | None, source: str, reason: str | None, by: Actor | None) -> Loaded:
    if file is None:
        return services.load_shipped(by=by, at=clock.now(), reason=reason)
    with file.open("rb") as stream:
        data = files.read_limited(stream, LIMIT)
    return services.take_over(data, source=source, reason=reason or "", by=by, at=clock.now())


def _failed(line: RegionLine, found: list[Problem]) -> JsonObject:
    reason = " ".join(worded(problem.to_json(), SENTENCES) for problem in found)
    return {"line": line.line, "code": line.code, "reason": reason}


def _counts(loaded: Loaded) -> JsonObject:
    return {"added": loaded.added, "renamed": loaded.renamed, "moved": loaded.moved, "left": loaded.left}


def _sentence(loaded: Loaded) -> str:
    if loaded.bad:
        return str(_("No region was changed; rows with problems: %(bad)s.", bad=len(loaded.bad)))
    told = _(
        "Regions: %(added)s added, %(renamed)s renamed, %(moved)s put under another, %(left)s left as they were.",
        **_counts(loaded),
    )
    return str(told)
