"""What is wrong with a roster row (学员名单核对), and what to do about it; pure functions."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.accounts.rules.contacts import clean_email, clean_phone
from app.accounts.rules.identity import LONG_NUMBER, RESIDENT, check_born, check_digit, clean_number, mask_identity
from app.accounts.rules.roster_file import RosterLine
from app.accounts.states import IdentityKind
from app.core.errors import DomainError, Text
from app.core.text import _l

LONGEST_NAME = 100
LONGEST_EMPLOYER = 200
LONGEST_SHOWN = 40

# zh: the kinds of documents as Chinese offices write them
KINDS = {
    "居民身份证": IdentityKind.RESIDENT_ID,
    "身份证": IdentityKind.RESIDENT_ID,
    "二代身份证": IdentityKind.RESIDENT_ID,
    "resident identity card": IdentityKind.RESIDENT_ID,
    "id card": IdentityKind.RESIDENT_ID,
    "护照": IdentityKind.PASSPORT,
    "passport": IdentityKind.PASSPORT,
    "港澳居民来往内地通行证": IdentityKind.HK_MACAO_PERMIT,
    "港澳通行证": IdentityKind.HK_MACAO_PERMIT,
    "回乡证": IdentityKind.HK_MACAO_PERMIT,
    "台湾居民来往大陆通行证": IdentityKind.TAIWAN_PERMIT,
    "台胞证": IdentityKind.TAIWAN_PERMIT,
}
SENTENCES = {
    "name_missing": _l("The name is missing. Enter it as on the document."),
    "name_long": _l("The name is longer than %(limit)s characters. Enter the name only."),
    "kind_unknown": _l("“%(kind)s” is no kind of document we know. Choose one of the template's kinds."),
    "number_missing": _l("The document number is missing. Enter it."),
    "number_rounded": _l(
        "The sheet kept this number as a figure and lost its last digits. Format the column as text and enter it again."
    ),
    "number_form": _l("A resident identity number has 18 characters: 17 digits, then a digit or X. Compare it."),
    "number_check": _l("The last character does not fit the others: the number has a mistake. Compare it."),
    "number_wrong": _l("This is not how such a number is written. Compare it with the document."),
    "number_unborn": _l("The number holds a date of birth that lies ahead. Compare it with the document."),
    "phone_wrong": _l(
        "The telephone number is not valid. Enter 11 digits, or + and the country code; or leave it empty."
    ),
    "email_wrong": _l("The mail address is not valid. It needs the form name@organisation.cn; or leave it empty."),
    "employer_long": _l("The employer is longer than %(limit)s characters. Shorten it."),
    "number_twice": _l("The same document stands in row %(line)s. Keep one of the two rows."),
    "phone_twice": _l("The same telephone number stands in row %(line)s. Each person needs their own."),
    "email_twice": _l("The same mail address stands in row %(line)s. Each person needs their own."),
    "name_differs": _l("This document is known under another name. Compare the name with the document."),
    "phone_taken": _l("This telephone number belongs to another person. Ask for the right one, or leave it empty."),
    "email_taken": _l("This mail address belongs to another person. Ask for the right one, or leave it empty."),
    "phone_differs": _l(
        "Another telephone number is kept of this person: %(kept)s. A roster does not change it; correct it on the"
        " person's page if the new one is right."
    ),
    "email_differs": _l(
        "Another mail address is kept of this person: %(kept)s. A roster does not change it; correct it on the"
        " person's page if the new one is right."
    ),
    "phone_unkept": _l("No telephone number is kept of this person. A roster does not add it; do so on their page."),
    "email_unkept": _l("No mail address is kept of this person. A roster does not add it; do so on their page."),
}
REMARKS = frozenset({"phone_differs", "email_differs", "phone_unkept", "email_unkept"})
"""What is said of a row that is taken over all the same."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason by its code in SENTENCES, the column it is about, and its parameters."""

    field: str
    reason: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def keeps_out(self) -> bool:
        """Tell whether the row is not taken over because of it."""
        return self.reason not in REMARKS

    def to_json(self) -> dict[str, Any]:
        """Return what a staged row stores."""
        return {"field": self.field, "reason": self.reason, "params": dict(self.params)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Problem":
        """Read a stored problem back."""
        return cls(stored["field"], stored["reason"], stored["params"])


def worded(stored: Mapping[str, Any], sentences: Mapping[str, Text] = SENTENCES) -> str:
    """Return a stored problem in words; a room with problems of its own passes their sentences too."""
    problem = Problem.from_json(stored)
    sentence = str(sentences[problem.reason])
    return sentence % problem.params if problem.params else sentence


@dataclass(frozen=True, slots=True)
class Known:
    """A person whom the house knows by their document.

    `differing` has what is kept, masked, of each contact that is another one in the row; empty where none is kept.
    """

    person_id: int
    code: str
    name: str
    differing: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row as it would be taken over: cleaned values, every problem found so far, and who it is."""

    line: int
    name: str
    kind: IdentityKind
    number: str
    phone: str
    email: str
    employer: str
    masked: str
    problems: tuple[Problem, ...] = ()
    known: Known | None = None

    @property
    def good(self) -> bool:
        """Tell whether the row is taken over: nothing that was found keeps it out."""
        return not any(one.keeps_out for one in self.problems)

    @property
    def document(self) -> str:
        """What tells documents apart, empty where the number is not valid."""
        return f"{self.kind}:{self.number}" if self.number else ""


@dataclass(frozen=True, slots=True)
class House:
    """What the house knows: people by document, owners of telephones and mail."""

    people: Mapping[str, Known]
    phones: Mapping[str, Known]
    emails: Mapping[str, Known]


First = dict[tuple[str, str], int]
"""The row in which a document, telephone or mail address stands first."""


def checked(lines: Iterable[RosterLine], on: date) -> list[Candidate]:
    """Check each row by itself, on a day."""
    return [_checked(line, on) for line in lines]


def _checked(line: RosterLine, on: date) -> Candidate:
    problems: list[Problem] = [*_name_problems(line), *_employer_problems(line)]
    kind = _kind(line, problems)
    number = _number(line, kind, problems, on)
    return Candidate(
        line=line.line,
        name=line.name[:LONGEST_NAME],
        kind=kind or IdentityKind.RESIDENT_ID,
        number=number,
        phone=_contact(line.phone, "phone", problems),
        email=_contact(line.email, "email", problems),
        employer=line.employer[:LONGEST_EMPLOYER],
        masked=_masked(number or line.number),
        problems=tuple(problems),
    )


def _masked(number: str) -> str:
    """Mask also what is no valid number: a slip shows all but one digit of the right one."""
    shown = number[:LONGEST_SHOWN]
    return mask_identity(shown) if len(shown) >= LONG_NUMBER else shown[:1] + "*" * max(len(shown) - 1, 0)


def _name_problems(line: RosterLine) -> list[Problem]:
    if not line.name:
        return [Problem("name", "name_missing")]
    return [Problem("name", "name_long", {"limit": LONGEST_NAME})] if len(line.name) > LONGEST_NAME else []


def _employer_problems(line: RosterLine) -> list[Problem]:
    too_long = len(line.employer) > LONGEST_EMPLOYER
    return [Problem("employer", "employer_long", {"limit": LONGEST_EMPLOYER})] if too_long else []


def _kind(line: RosterLine, problems: list[Problem]) -> IdentityKind | None:
    if not line.kind:
        return IdentityKind.RESIDENT_ID
    found = KINDS.get(line.kind.lower())
    if found is None:
        problems.append(Problem("kind", "kind_unknown", {"kind": line.kind[:LONGEST_SHOWN]}))
    return found


def _number(line: RosterLine, kind: IdentityKind | None, problems: list[Problem], on: date) -> str:
    if not line.number:
        problems.append(Problem("number", "number_missing"))
        return ""
    if line.rounded:
        problems.append(Problem("number", "number_rounded"))
        return ""
    if kind is None:
        return ""
    try:
        number = clean_number(kind, line.number)
    except DomainError:
        problems.append(Problem("number", _number_reason(kind, line.number)))
        return ""
    try:
        check_born(kind, number, on)
    except DomainError:
        problems.append(Problem("number", "number_unborn"))
        return ""
    return number


def _number_reason(kind: IdentityKind, number: str) -> str:
    written = number.replace(" ", "").upper()
    if kind is not IdentityKind.RESIDENT_ID:
        return "number_wrong"
    if not RESIDENT.fullmatch(written):
        return "number_form"
    return "number_wrong" if check_digit(written[:17]) == written[17] else "number_check"


CLEANERS = {"phone": clean_phone, "email": clean_email}


def _contact(written: str, name: str, problems: list[Problem]) -> str:
    if not written:
        return ""
    try:
        return CLEANERS[name](written)
    except DomainError:
        problems.append(Problem(name, f"{name}_wrong"))
        return ""


def without_repetition(candidates: Iterable[Candidate], first: First) -> list[Candidate]:
    """Check the rows for repetitions within the file; `first` holds what earlier rows hold and is added to."""
    return [_against_earlier(candidate, first) for candidate in candidates]


def _against_earlier(candidate: Candidate, first: First) -> Candidate:
    values = (("number", candidate.document), ("phone", candidate.phone), ("email", candidate.email))
    problems = []
    for name, value in values:
        line = first.setdefault((name, value), candidate.line) if value else candidate.line
        if line != candidate.line:
            problems.append(Problem(name, f"{name}_twice", {"line": line}))
    return with_problems(candidate, problems)


def with_problems(candidate: Candidate, problems: Iterable[Problem]) -> Candidate:
    """Return a row with further problems."""
    return replace(candidate, problems=(*candidate.problems, *problems))


def judged(candidates: Iterable[Candidate], house: House) -> list[Candidate]:
    """Check the rows against what the house knows."""
    return [_against_house(candidate, house) for candidate in candidates]


def _against_house(candidate: Candidate, house: House) -> Candidate:
    person = house.people.get(candidate.document)
    if person is not None:
        differs = [Problem("name", "name_differs")] if candidate.name and person.name != candidate.name else []
        return replace(with_problems(candidate, [*differs, *_remarks(candidate, person)]), known=person)
    taken = [
        Problem(name, f"{name}_taken")
        for name, value, owners in (
            ("phone", candidate.phone, house.phones),
            ("email", candidate.email, house.emails),
        )
        if value and value in owners
    ]
    return with_problems(candidate, taken)


def _remarks(candidate: Candidate, person: Known) -> list[Problem]:
    """Say which contacts of the row are not those that are kept; whoever gives another name is told nothing of them."""
    if candidate.name != person.name:
        return []
    return [
        Problem(name, f"{name}_differs", {"kept": kept}) if kept else Problem(name, f"{name}_unkept")
        for name, kept in person.differing.items()
    ]
