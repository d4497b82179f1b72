"""A program that answers every request, for tests of the server that runs it."""

from collections.abc import Callable, Iterable
from typing import Any

Start = Callable[[str, list[tuple[str, str]]], Any]


def make() -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    """Return the program, as `--factory` asks for it."""

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        del environ
        start("201 CREATED", [("Content-Type", "text/plain")])
        return [b"taken"]

    return answer
