"""Errors that carry their HTTP status and a sentence that says what the person can do."""

from collections.abc import Mapping
from typing import TypeAlias

from flask_babel import LazyString

Text: TypeAlias = LazyString | str


class DomainError(Exception):
    """A refusal by a rule: `status` for the web, `message` for the person, `field` for the form.

    `headers` are what the status obliges an answer to say, such as `Retry-After`.
    """

    status = 400
    headers: Mapping[str, str] = {}

    def __init__(self, message: Text, *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code or type(self).__name__

    def __str__(self) -> str:
        return str(self.message)


class ForbiddenError(DomainError):
    """The person may not do this, whoever's record it is."""

    status = 403


class NotFoundError(DomainError):
    """There is no such record within what the person may see."""

    status = 404


class ConflictError(DomainError):
    """The record has moved on: another state, another version, or it exists already."""

    status = 409


class TooLargeError(DomainError):
    """The upload is over its limit."""

    status = 413


class InvalidError(DomainError):
    """The input breaks a rule; `field` names where."""

    status = 422


class TooManyError(DomainError):
    """A throttle closed; the message says when it opens."""

    status = 429


class UnavailableError(DomainError):
    """A part of the machine is missing; the message says what to install or wait for."""

    status = 503
