"""`search reindex`: every document made anew, as a job."""

import json

import click
from flask.cli import AppGroup

from app.core import jobs
from app.core.clock import real_now
from app.core.commands import refuse, with_json
from app.core.db import unit_of_work
from app.core.text import _
from app.desk.jobs import REINDEX
from app.desk.queries.documents import document_kinds

group = AppGroup("search", help="Search: make its documents anew.")


@group.command("reindex")
@click.option("--kind", "kinds", multiple=True, help="Only this kind of document; may be repeated.")
@click.option("--wait", is_flag=True, help="Do the work here and now.")
@with_json
def reindex(kinds: tuple[str, ...], *, wait: bool, as_json: bool) -> None:
    """Queue a job that makes every document anew and withdraws those of records that are gone."""
    unknown = [kind for kind in kinds if kind not in document_kinds()]
    if unknown:
        refuse(_("There is no kind of document %(kind)s.", kind=", ".join(unknown)))
    with unit_of_work():
        key = f"{REINDEX}:{real_now().isoformat()}"
        job = jobs.start_job(REINDEX, key=key, by=None, args={"kinds": list(kinds or document_kinds())})
    if wait:
        jobs.work(limit=1_000_000)
    click.echo(json.dumps({"job": job.code, "state": job.state.value, "done": job.done}) if as_json else job.code)
