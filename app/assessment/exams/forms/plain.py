"""Reads a whole paper from a plain form: what each type of item is answered in, under the names the page gave."""

from collections.abc import Callable, Mapping, Sequence, Sized
from typing import Any, Protocol

from app.assessment.exams.forms import responses
from app.assessment.exams.rules import ordering
from app.assessment.exams.rules.answered import says_something
from app.core.errors import InvalidError
from app.core.text import _l

MOST_DIGITS = 3
Given = tuple[dict[str, Any], bool]


class AskedPart(Protocol):
    """An item or a sub-item as the page shows it; `name` begins the names of its fields."""

    @property
    def name(self) -> str:
        """Return the start of the names of its fields."""

    @property
    def type(self) -> str:
        """Return the type of the item."""

    @property
    def blanks(self) -> int:
        """Return the number of blanks."""

    @property
    def prompts(self) -> Sized:
        """Return what is matched."""

    @property
    def letters(self) -> Sequence[str]:
        """Return the letters of the lines of an ordering."""

    @property
    def unit_asked(self) -> bool:
        """Tell whether the candidate names the unit."""

    @property
    def given(self) -> Mapping[str, Any]:
        """Return what was saved before."""


def form_answers(values: Any, places: Mapping[int, tuple[Sequence[AskedPart], bool]]) -> dict[int, Given]:  # noqa: ANN401 - a MultiDict, which this layer does not name
    """Read the answer of each place and whether it is marked for review.

    `places` has the parts of each place and whether it is a case. Raises InvalidError for more than a paper takes.
    """
    return {
        number: (_response(values, parts, case=case), f"r{number}" in values)
        for number, (parts, case) in places.items()
    }


def _response(values: Any, parts: Sequence[AskedPart], *, case: bool) -> dict[str, Any]:  # noqa: ANN401 - as above
    read = [READ.get(part.type, _choice)(values, part) for part in parts]
    given = {"parts": [one if says_something(one) else None for one in read]} if case else read[0]
    try:
        return responses.read(given)
    except ValueError as error:
        raise InvalidError(_l("An answer is longer than a paper takes. Shorten it and save again.")) from error


def _choice(values: Any, part: AskedPart) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"choice": sorted({one for one in values.getlist(part.name) if one in responses.LETTERS})}


def _blanks(values: Any, part: AskedPart) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"blanks": [values.get(f"{part.name}-{number}", "") for number in range(1, part.blanks + 1)]}


def _number(values: Any, part: AskedPart) -> dict[str, Any]:  # noqa: ANN401 - as above
    unit = {"unit": values.get(f"{part.name}-unit", "")} if part.unit_asked else {}
    return {"number": values.get(f"{part.name}-number", ""), **unit}


def _pairs(values: Any, part: AskedPart) -> dict[str, Any]:  # noqa: ANN401 - as above
    chosen = {str(number): values.get(f"{part.name}-{number}", "") for number in range(1, len(part.prompts) + 1)}
    return {"pairs": {number: letter for number, letter in chosen.items() if letter in responses.LETTERS}}


def _order(values: Any, part: AskedPart) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Read the place of each line; a page without these fields changes nothing."""
    names = {letter: f"{part.name}-{letter}" for letter in part.letters}
    if not any(name in values for name in names.values()):
        return dict(part.given)
    ranks = {letter: values.get(name, "").strip()[:MOST_DIGITS] for letter, name in names.items()}
    return ordering.response_of(ranks, part.given)


def _text(values: Any, part: AskedPart) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"text": values.get(f"{part.name}-text", "").replace("\r\n", "\n")}


READ: dict[str, Callable[[Any, AskedPart], dict[str, Any]]] = {
    "blank": _blanks,
    "numeric": _number,
    "matching": _pairs,
    "ordering": _order,
    "short_answer": _text,
    "essay": _text,
}


def unordered(answers: Mapping[int, Given]) -> list[int]:
    """Return the places whose numbers are no order yet."""
    return [
        number
        for number, (response, _review) in answers.items()
        if any(one and one.get("ranks") for one in response.get("parts", [response]))
    ]
