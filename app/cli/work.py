"""`jobs run`: the process beside the web that does what is due."""

from typing import cast

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.core import jobs
from app.core.commands import answer, with_json
from app.core.text import _

group = AppGroup("jobs", help="Work that runs beside the web.")


@group.command("run")
def run() -> None:
    """Run until stopped: wakes on each commit, looks for lost work each minute."""
    jobs.run_forever(cast("Flask", current_app._get_current_object()))  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to the application itself


@group.command("once")
@click.option("--periodic", is_flag=True, help="Also what is looked at from time to time, such as periods that passed.")
@with_json
def once(*, periodic: bool, as_json: bool) -> None:
    """Do what is due now and stop."""
    done = jobs.keep_periodic() if periodic else 0
    done += jobs.work()
    answer({"done": done}, _("%(count)s tasks are done.", count=done), as_json=as_json)
