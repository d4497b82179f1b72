"""How the cells of item tables write what other types than choices need: several answers, tolerances, pairs, rubrics.

Blanks are parted by `###`, the answers that one of them accepts by `|`, as in `contract|agreement###DNA`. A number has
its tolerance behind it, `12.5±0.1` or `12.5±4%`, and its share of the points where that is not all, `12±1@0.5`. Pairs
are `1-B,2-A`, an order `CAB`. A rubric has a line for each criterion: `name|points|guidance`. A backslash before one
of these signs takes its meaning away, and one before the letter n makes a line break.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TypeVar

from app.items.rules.bodies import Blank, Criterion, Number, Option, Unit, plain
from app.items.rules.content import LETTERS, BadItemError, Refusals
from app.items.rules.reasons import because

BETWEEN = "###"
SIGNS = {"\\": "\\\\", "|": "\\|", "#": "\\#", "\n": "\\n"}
NUMBER = re.compile(r"([+-]?\d[\d.]*(?:[eE][+-]?\d{1,2})?)(?:±([\d.]+(?:[eE][+-]?\d{1,2})?)(%)?)?(?:@([\d.]+))?")
PAIR = re.compile(r"(\d+)\s*[-－:：=→]*\s*([A-Ha-h])")
HUNDRED = Decimal(100)
Read = TypeVar("Read")


def escape(text: str) -> str:
    """Write a text so that none of it parts others."""
    return "".join(SIGNS.get(letter, letter) for letter in text)


def unescape(text: str) -> str:
    """Return what an escaped text says."""
    return re.sub(r"\\([\\|#n])", lambda found: "\n" if found[1] == "n" else found[1], text)


def split(text: str, sign: str) -> list[str]:
    """Split an escaped text at a sign that no backslash stands before; the parts stay escaped."""
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(sign, at):
            parts.append(text[start:at])
            at += len(sign)
            start = at
        else:
            at += 1
    return [*parts, text[start:]]


def listed(text: str) -> tuple[str, ...]:
    """Return texts parted by `###`."""
    return tuple(unescape(part).strip() for part in split(text, BETWEEN)) if text else ()


def write_list(texts: Iterable[str]) -> str:
    """Write texts parted by `###`."""
    return BETWEEN.join(map(escape, texts))


def blanks(text: str, exact: Sequence[bool]) -> tuple[Blank, ...]:
    """Read the answers of blanks; `exact` says for each whether capitals and width count."""
    if not text:
        return ()
    found = [tuple(unescape(one).strip() for one in split(part, "|")) for part in split(text, BETWEEN)]
    if len(exact) > len(found):
        raise BadItemError(because("exact_marks", marks=len(exact), blanks=len(found)))
    said = [*exact, *[False] * len(found)]
    return tuple(Blank(accepted, said[place]) for place, accepted in enumerate(found))


def write_blanks(given: Iterable[Blank]) -> str:
    """Write the answers of blanks."""
    return BETWEEN.join("|".join(map(escape, blank.accepted)) for blank in given)


def numbers(text: str, tolerance: str) -> tuple[Number, ...]:
    """Read numbers; `tolerance` is that of a column of its own, for those that state none.

    Raises BadItemError with each part that is no number, and for a tolerance that is none.
    """
    refused = Refusals()
    span = refused.take(lambda: _tolerance(tolerance), "")
    found = _each(lambda part: _number(part, span), text.split(BETWEEN) if text else (), refused)
    refused.demand_none()
    return found


def _each(read: Callable[[str], Read], parts: Iterable[str], refused: Refusals) -> tuple[Read, ...]:
    """Return what is read of each part; every one that cannot be read is noted."""
    found = [refused.take(partial(read, part), None) for part in parts]
    return tuple(one for one in found if one is not None)


def _number(text: str, tolerance: str) -> Number:
    folded = unicodedata.normalize("NFKC", text).replace("+/-", "±").replace(",", "").replace(" ", "")
    found = NUMBER.fullmatch(folded if "±" in folded or not tolerance else f"{folded}±{tolerance}")
    if found is None:
        raise BadItemError(because("number", number=text))
    try:
        span = Decimal(found[2] or 0)
        return Number(Decimal(found[1]), span / HUNDRED if found[3] else span, bool(found[3]), Decimal(found[4] or 1))
    except InvalidOperation as error:
        raise BadItemError(because("number", number=text)) from error


def weight(text: str) -> Decimal:
    """Read the share of a sub-item; raises BadItemError for what is no number."""
    found = NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None or found[2] or found[4]:
        raise BadItemError(because("number", number=text))
    return Decimal(found[1])


def _tolerance(text: str) -> str:
    """Return a tolerance as it stands behind a number; raises BadItemError for what is none."""
    told = unicodedata.normalize("NFKC", text).replace(" ", "").removeprefix("±")
    if told and NUMBER.fullmatch(f"0±{told}") is None:
        raise BadItemError(because("number", number=text))
    return told


def write_numbers(given: Iterable[Number]) -> str:
    """Write numbers with their tolerances and shares."""
    return BETWEEN.join(_written_number(one) for one in given)


def _written_number(one: Number) -> str:
    span = f"±{plain(one.tolerance * HUNDRED)}%" if one.relative else f"±{plain(one.tolerance)}"
    shown = span if one.tolerance or one.relative else ""
    return f"{plain(one.value)}{shown}{f'@{plain(one.share)}' if one.share != 1 else ''}"


def units(text: str) -> tuple[Unit, ...]:
    """Read other units such as `元=0.0001`, parted by `###` or semicolons; raises BadItemError."""
    refused = Refusals()
    found = _each(_unit, (part for part in re.split(r"###|[;；]", text) if part.strip()), refused)
    refused.demand_none()
    return found


def _unit(text: str) -> Unit:
    name, _sign, factor = text.rpartition("=")
    try:
        return Unit(name.strip(), Decimal(unicodedata.normalize("NFKC", factor).strip()))
    except InvalidOperation as error:
        raise BadItemError(because("units")) from error


def write_units(given: Iterable[Unit]) -> str:
    """Write other units."""
    return BETWEEN.join(f"{one.name}={plain(one.factor)}" for one in given)


def pairs(text: str, count: int) -> tuple[str, ...]:
    """Read the letters matched to so many prompts; raises BadItemError for anything less or else."""
    folded = unicodedata.normalize("NFKC", text).upper()
    listed = [(int(number), letter) for number, letter in PAIR.findall(folded)]
    if not listed and re.fullmatch(r"[A-H\s,，、]+", folded):
        listed = list(enumerate(re.findall(r"[A-H]", folded), 1))
    elif re.search(r"\w", PAIR.sub("", folded)):
        raise BadItemError(because("key_unread", answer=text))
    if sorted(number for number, _letter in listed) != list(range(1, count + 1)):
        raise BadItemError(because("key_unread", answer=text))
    return tuple(letter for _number, letter in sorted(listed))


def write_pairs(given: Iterable[str]) -> str:
    """Write the letters matched to prompts."""
    return ",".join(f"{number}-{letter}" for number, letter in enumerate(given, 1))


def order(text: str) -> tuple[str, ...]:
    """Read letters in their order; raises BadItemError for anything else."""
    found = re.sub(r"[\s,，、;；|>→\-#]+", "", unicodedata.normalize("NFKC", text).upper())
    if not set(found) <= set(LETTERS):
        raise BadItemError(because("key_unread", answer=text))
    return tuple(found)


def rubric(text: str) -> tuple[Criterion, ...]:
    """Read the lines of a rubric; raises BadItemError with each that has no points."""
    refused = Refusals()
    found = _each(_criterion, (line for line in text.split("\n") if line.strip()), refused)
    refused.demand_none()
    return found


def _criterion(line: str) -> Criterion:
    parts = [unescape(part).strip() for part in split(line, "|")]
    try:
        name, points, *guidance = (*parts, "")
        return Criterion(name, Decimal(unicodedata.normalize("NFKC", points)), "|".join(filter(None, guidance)))
    except InvalidOperation as error:
        raise BadItemError(because("criterion", name=line)) from error


def write_rubric(given: Iterable[Criterion]) -> str:
    """Write a rubric, one criterion a line."""
    return "\n".join(f"{escape(one.name)}|{plain(one.points)}|{escape(one.guidance)}" for one in given)


def texts_by_letter(options: Iterable[Option]) -> dict[str, str]:
    """Return the cells of options by the name of their column."""
    return {f"option{option.key}": option.text for option in options}
