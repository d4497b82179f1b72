"""What is wrong with a field of a pack, in the reader's language."""

import re
from collections.abc import Mapping, Sequence
from tomllib import TOMLDecodeError
from typing import Any

from pydantic_core import ErrorDetails

from app.core.errors import Text
from app.core.text import _, _l

REASONS: Mapping[str, Text] = {
    "missing": _l("is missing"),
    "extra_forbidden": _l("is not a field of this kind"),
    "string_type": _l("must be text in quotation marks"),
    "string_too_short": _l("needs at least %(min_length)s characters"),
    "string_too_long": _l("may have at most %(max_length)s characters"),
    "string_pattern_mismatch": _l("must have the form %(pattern)s"),
    "int_type": _l("must be a whole number"),
    "int_parsing": _l("must be a whole number"),
    "int_from_float": _l("must be a whole number"),
    "decimal_type": _l("must be a decimal number in quotation marks"),
    "decimal_parsing": _l("must be a decimal number in quotation marks"),
    "bool_type": _l("must be true or false"),
    "bool_parsing": _l("must be true or false"),
    "date_type": _l("must be a day such as 2026-11-23"),
    "date_parsing": _l("must be a day such as 2026-11-23"),
    "date_from_datetime_parsing": _l("must be a day such as 2026-11-23"),
    "enum": _l("must be one of %(expected)s"),
    "literal_error": _l("must be one of %(expected)s"),
    "greater_than": _l("must be more than %(gt)s"),
    "greater_than_equal": _l("must be at least %(ge)s"),
    "less_than": _l("must be less than %(lt)s"),
    "less_than_equal": _l("must be at most %(le)s"),
    "too_short": _l("needs at least %(min_length)s entries"),
    "too_long": _l("may have at most %(max_length)s entries"),
    "list_type": _l("must be a list"),
    "dict_type": _l("must be a table"),
    "model_type": _l("must be a table"),
}
OTHER: Text = _l("does not fit")


class WrongFields:
    """Every wrong field with its reason, put into words when it is shown."""

    def __init__(self, errors: Sequence[ErrorDetails], within: tuple[str, ...] = ()) -> None:
        self.errors = errors
        self.within = within

    def __str__(self) -> str:
        return str(_("; ")).join(f"{self._place(error)} {reason(error)}" for error in self.errors)

    def _place(self, error: ErrorDetails) -> str:
        return path_of((*self.within, *error["loc"]))


def path_of(steps: Sequence[str | int]) -> str:
    """Return the place of a field as a reader of the file counts it: `params.levels[1].code` is the first."""
    path = ""
    for step in steps:
        path += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".")


def reason(error: ErrorDetails) -> str:
    """Say in a few words what is wrong; a rule of a room says it itself."""
    context: Mapping[str, Any] = error.get("ctx", {})
    said = context.get("error")
    if isinstance(said, Exception):
        return str(said.args[0]) if said.args else str(OTHER)
    empty = error["type"] == "string_too_short" and context.get("min_length") == 1
    return str(REASONS["missing"] if empty else REASONS.get(error["type"], OTHER)) % context


def place_in_toml(error: TOMLDecodeError) -> Text:
    """Say where a file stops being TOML; the parser says it in English only."""
    found = re.search(r"line (\d+), column (\d+)", str(error))
    if found is None:
        return _l("the end of the file")
    return _l("line %(line)s, column %(column)s", line=found[1], column=found[2])
