"""`demo load`: everything the demo shows, once."""

from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from app.cli.demo.step import Demo
from app.core.commands import answer, refusals, with_json
from app.core.config import settings
from app.core.errors import ForbiddenError
from app.core.lazily import lazily
from app.core.text import _, _l

if TYPE_CHECKING:
    from app.cli.demo import registry
else:
    registry = lazily("app.cli.demo.registry")

group = AppGroup("demo", help="Invented people, organisations and records.")


@group.command("load")
@click.option("--scale", type=click.IntRange(min=1), default=1, help="How many times people, cohorts and results.")
@with_json
def load(scale: int, *, as_json: bool) -> None:
    """Load the demo; a second run makes nothing new."""
    made: dict[str, int] = {}
    with refusals():
        if not settings().demo:
            raise ForbiddenError(_l("Demo data is loaded with DEMO=1 only, never in production."))
        for step in registry.STEPS:
            made[step.name] = step.load(Demo(scale))
            click.echo(f"{step.name}: {made[step.name]}", err=True)
    answer({"made": made}, _("The demo is loaded."), as_json=as_json)
