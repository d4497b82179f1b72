"""`flask db`: the migrations of the database by Flask-Migrate, which only a process that migrates loads."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import click
from flask import Flask
from flask.cli import with_appcontext

from app.core.lazily import lazily
from app.settings import ROOT

if TYPE_CHECKING:
    import flask_migrate
else:
    flask_migrate = lazily("flask_migrate")

cli = lazily("flask_migrate.cli")  # its types are not described


@dataclass(frozen=True, slots=True)
class Migrations:
    """What Flask-Migrate finds of itself among the extensions of the application."""

    directory: str
    configure_args: ClassVar[dict[str, Any]] = {"render_as_batch": True}

    @property
    def migrate(self) -> "flask_migrate.Migrate":
        """Return what tells Alembic where the migrations are."""
        return flask_migrate.Migrate(directory=self.directory)


@click.command(
    "db", context_settings={"ignore_unknown_options": True}, add_help_option=False, help="Migrate the database."
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@with_appcontext
def command(words: tuple[str, ...]) -> None:
    """Hand the words to the commands of Flask-Migrate."""
    cli.db.main(list(words), prog_name="flask db", standalone_mode=False)


def init_app(app: Flask) -> None:
    """Give an application its migrations."""
    app.extensions["migrate"] = Migrations(str(ROOT / "migrations"))
    app.cli.add_command(command)
