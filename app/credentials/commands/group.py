"""The group `flask credentials` and what its commands share."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import AppGroup

from app.core.columns import JsonObject
from app.core.errors import DomainError

REFUSED, UNDECIDED = 1, 3
Command = TypeVar("Command", bound=Callable[..., Any])
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
group = AppGroup("credentials", help="Certificates: prepare batches, export, verify.")


def with_json(command: Command) -> Command:
    """Give a command the option `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


@contextmanager
def refusals() -> Iterator[None]:
    """Print why an act was refused and exit 1."""
    try:
        yield
    except DomainError as error:
        click.echo(str(error), err=True)
        raise SystemExit(REFUSED) from error


def answer(document: JsonObject, sentence: str, *, as_json: bool) -> None:
    """Print the document with `--json`, else the sentence."""
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else sentence)
