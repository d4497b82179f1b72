"""Reading untrusted JSON with bounded work, before anything else looks at it."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

JsonObject = dict[str, Any]
LONGEST_NUMBER = 20


class DocumentError(ValueError):
    """A document that no check may go on with; `code` says why, `params` fill the sentence."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an upload may be: bytes, nesting levels, JSON objects, characters of one string."""

    size: int = 64 * 1024
    depth: int = 12
    objects: int = 64
    string: int = 8 * 1024


CREDENTIAL_LIMITS = Limits()
STATUS_LIST_LIMITS = Limits(size=256 * 1024, string=192 * 1024)


def read_document(raw: bytes, limits: Limits = CREDENTIAL_LIMITS) -> JsonObject:
    """Parse one JSON object from UTF-8 bytes; raises DocumentError past any limit.

    Duplicate keys, numbers that are not whole, control characters and lone surrogates are refused
    because verifiers disagree about what they mean or how they are hashed.
    """
    if len(raw) > limits.size:
        raise DocumentError("too-large", limit=str(limits.size))
    try:
        found = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_without_duplicates,
            parse_int=_read_whole,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except DocumentError:
        raise
    except RecursionError as error:
        raise DocumentError("too-deep", limit=str(limits.depth)) from error
    except ValueError as error:
        raise DocumentError("not-json") from error
    if not isinstance(found, dict):
        raise DocumentError("not-an-object")
    check_limits(found, limits)
    return found


def write_document(document: JsonObject) -> str:
    """Write a document as it is published: no spaces, characters as they are."""
    return to_json(document).decode()


def check_limits(document: JsonObject, limits: Limits = CREDENTIAL_LIMITS) -> None:
    """Raise DocumentError where a parsed document is too deep, too wide or holds refused text."""
    objects = 0
    for value, depth in _walk(document):
        if depth > limits.depth:
            raise DocumentError("too-deep", limit=str(limits.depth))
        if isinstance(value, dict):
            objects += 1
            if objects > limits.objects:
                raise DocumentError("too-many-objects", limit=str(limits.objects))
        elif isinstance(value, str):
            _check_text(value, limits.string)


def _walk(root: JsonObject) -> Iterator[tuple[Any, int]]:
    """Yield every key and value with its depth, without recursion."""
    waiting: list[tuple[Any, int]] = [(root, 1)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        if isinstance(value, dict):
            waiting.extend((key, depth) for key in value)
            waiting.extend((child, depth + 1) for child in value.values())
        elif isinstance(value, list):
            waiting.extend((child, depth + 1) for child in value)


def _check_text(text: str, longest: int) -> None:
    if len(text) > longest:
        raise DocumentError("string-too-long", limit=str(longest))
    if not text.isprintable() and any(_refused(character) for character in text):
        raise DocumentError("control-character")


def _refused(character: str) -> bool:
    """Tell whether a character is a control (other than a line feed) or half a surrogate pair."""
    return character != "\n" and unicodedata.category(character) in {"Cc", "Cs"}


def _without_duplicates(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DocumentError("duplicate-key")
    return found


def _read_whole(text: str) -> int:
    """Read a whole number of no more digits than an instant in seconds has, and some to spare."""
    if len(text) > LONGEST_NUMBER:
        raise DocumentError("number")
    return int(text)


def _refuse_number(text: str) -> None:
    del text
    raise DocumentError("number")
