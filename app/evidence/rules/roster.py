"""What is wrong with a row of an import, and what to do about it; pure functions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.accounts.rules.identity import mask_identity
from app.core.errors import Text
from app.core.text import _l
from app.evidence.rules.checks import WHOLE
from app.evidence.rules.fields import FIELDS
from app.evidence.rules.reading import SENTENCES as OF_FIELDS
from app.evidence.rules.reading import Problem, read
from app.evidence.rules.tables import DOCUMENT, PERSON, ImportLine
from app.evidence.states import Kind

LONGEST_NAME = 100
LONGEST_FIELD = 64

OF_ROWS: dict[str, Text] = {
    "person_unknown": _l("Nobody with this document belongs to your organisation. Compare the number."),
    "name_differs": _l("This document is known under another name. Compare the name with the document."),
    "rounded": _l(
        "The sheet kept this number as a figure and lost its last digits. Format the column as text and enter it again."
    ),
    "twice": _l("The same record stands in row %(line)s. Keep one of the two rows."),
    "declared": _l("The person has declared this number already. Leave the row out."),
    "no_such_field": _l("This kind of evidence has no such field. Leave it out, or compare its name."),
    "over_whole": _l("Of this contract at most %(left)s per cent are left. Agree on the shares first."),
}
SENTENCES: dict[str, Text] = {**OF_FIELDS, **OF_ROWS}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row as it would be taken over: whose it is, its fields, and every problem found."""

    line: int
    name: str
    masked: str
    person_id: int | None
    details: dict[str, str]
    number: str = ""
    share: Decimal | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows: people of the organisation by document, numbers they declared, shares claimed."""

    people: Mapping[str, tuple[int, str]]
    declared: frozenset[tuple[int, str]]
    claimed: Mapping[str, Decimal]


def masked(document: str) -> str:
    """Mask a number for screens, also one that is not well-formed."""
    short = document[:40]
    return mask_identity(short) if len(short) > 4 else "*" * len(short)  # noqa: PLR2004 - what a mask leaves


def judged(lines: Iterable[ImportLine], kind: Kind, known: Known, *, today: date) -> list[Candidate]:
    """Return every row with its problems: its own, those against other rows and those against the ledger."""
    first: dict[tuple[int | None, str], int] = {}
    left: defaultdict[str, Decimal] = defaultdict(lambda: WHOLE)
    left.update({number: WHOLE - share for number, share in known.claimed.items()})
    done = []
    for line in lines:
        row = _read(line, kind, known, today)
        row = _against_rows(row, first)
        row = _against_ledger(row, known, left)
        done.append(row)
    return done


def _read(line: ImportLine, kind: Kind, known: Known, today: date) -> Candidate:
    found = read(kind, line.fields, today=today)
    person = known.people.get(line.document.strip().upper())
    problems = list(_of_person(line, person))
    problems += [Problem(name, "rounded") for name in line.rounded]
    problems += [problem for problem in found.problems if problem.field not in line.rounded]
    return Candidate(
        line=line.line,
        name=line.name[:LONGEST_NAME],
        masked=masked(line.document),
        person_id=person[0] if person else None,
        details={one.name: line.fields.get(one.name, "")[:200] for one in FIELDS[kind]},
        number=found.columns["number"] or "",
        share=found.columns["share"],
        problems=tuple(problems),
    )


def _of_person(line: ImportLine, person: tuple[int, str] | None) -> Iterable[Problem]:
    if not line.document:
        yield Problem(DOCUMENT, "missing")
    elif person is None:
        yield Problem(DOCUMENT, "person_unknown")
    elif person[1] != line.name:
        yield Problem(PERSON, "name_differs")


def _against_rows(row: Candidate, first: dict[tuple[int | None, str], int]) -> Candidate:
    if not row.number or row.person_id is None:
        return row
    line = first.setdefault((row.person_id, row.number), row.line)
    return row if line == row.line else _with(row, Problem("number", "twice", {"line": line}))


def _against_ledger(row: Candidate, known: Known, left: dict[str, Decimal]) -> Candidate:
    if row.person_id is not None and (row.person_id, row.number) in known.declared:
        return _with(row, Problem("number", "declared"))
    if row.share is None or row.problems:
        return row
    if row.share > left[row.number]:
        return _with(row, Problem("share", "over_whole", {"left": str(left[row.number])}))
    left[row.number] -= row.share
    return row


def _with(row: Candidate, problem: Problem) -> Candidate:
    return replace(row, problems=(*row.problems, problem))


def strange(kind: Kind, fields: Iterable[str]) -> list[Problem]:
    """Return a problem for each field that a kind does not have, so that nothing sent is left out silently."""
    known = {one.name for one in FIELDS[kind]}
    return [Problem(name[:LONGEST_FIELD], "no_such_field") for name in fields if name not in known]


def in_words(stored: Mapping[str, Any]) -> str:
    """Return a stored problem as a sentence in the reader's language."""
    sentence = str(SENTENCES[stored["reason"]])
    return sentence % stored["params"] if stored["params"] else sentence
