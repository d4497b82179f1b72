"""Reading what the script of a sitting sends."""

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from app.core.errors import InvalidError, TooLargeError
from app.core.text import _l

Sent = TypeVar("Sent", bound=BaseModel)
MOST_BYTES = 256 * 1024


def read_sent(kind: type[Sent]) -> Sent:
    """Read the body of the request; raises InvalidError or TooLargeError."""
    if (request.content_length or 0) > MOST_BYTES:
        raise TooLargeError(_l("The page sent more than a sitting can hold. Reload it."))
    try:
        return kind.model_validate_json(request.get_data())
    except ValidationError as error:
        raise InvalidError(_l("The page sent something that cannot be read. Reload it.")) from error
