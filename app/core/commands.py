"""How every command answers: one JSON document or a line on stdout, refusals on stderr with exit 1.

A program that asked for JSON reads a refusal there too.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from app.core.columns import JsonObject
from app.core.errors import DomainError

Command = TypeVar("Command", bound=Callable[..., Any])
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
REFUSED = 1


def with_json(command: Command) -> Command:
    """Give a command the option `--json`, passed as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def answer(document: JsonObject, sentence: str, *, as_json: bool) -> None:
    """Print the outcome of a command for a program or for a person."""
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else sentence)


def refuse(reason: str) -> NoReturn:
    """Say why a command was refused, and exit 1."""
    click.echo(reason, err=True)
    if click.get_current_context().params.get("as_json"):
        click.echo(json.dumps({"refused": reason}, ensure_ascii=False))
    raise SystemExit(REFUSED)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal by a rule into a sentence on stderr and exit code 1."""
    try:
        yield
    except DomainError as error:
        refuse(str(error))
