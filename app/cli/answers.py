"""How every command answers: one JSON document or a line on stdout, refusals on stderr with exit 1."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from app.core.columns import JsonObject
from app.core.errors import DomainError

Command = TypeVar("Command", bound=Callable[..., Any])
REFUSED = 1


def with_json(command: Command) -> Command:
    """Give a command the option `--json`, passed as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def answer(document: JsonObject, sentence: str, *, as_json: bool) -> None:
    """Print the outcome of a command for a program or for a person."""
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else sentence)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal by a rule into a sentence on stderr and exit code 1."""
    try:
        yield
    except DomainError as error:
        click.echo(str(error), err=True)
        raise SystemExit(REFUSED) from error
