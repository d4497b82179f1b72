"""What a room declares of a kind of case or restriction; the engine knows nothing else of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from app.accounts.states import Role
from app.cases.models import Case
from app.cases.states import Instance
from app.core.access import Actor
from app.core.errors import Text
from app.core.events import Subject

Hook = Callable[[Case, Actor, datetime], None]


@dataclass(frozen=True, slots=True)
class Authority:
    """Who hears a case: a role of a region, of one organisation where it is not an authority."""

    region_code: str
    role: Role = Role.REGULATOR
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a case is about, read from the record it complains of.

    `since` is the day from which the time to raise it counts, None where none runs; `deciders` made the
    decision complained of and may not decide the case.
    """

    subject: Subject
    name_zh: str
    name_en: str
    url: str
    region_code: str
    authority: Authority
    since: date | None = None
    person_id: int | None = None
    organisation_id: int | None = None
    deciders: frozenset[int] = field(default_factory=frozenset)
    publicity_id: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the room of the record tells beside a case, as evidence and never as a finding.

    `alert` is what became of what the case rests on. `summary` are sentences, `lines` sentences with their instants, of
    which a page shows the first and the case file all; `url` leads to the room's own page, empty where there is none.
    """

    title: Text
    note: Text
    alert: Text = ""
    summary: Sequence[Text] = ()
    lines: Sequence[tuple[datetime, Text]] = ()
    link: Text = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class CaseKind:
    """A kind of case: what it is about, who may raise it, which rungs hear it, what a decision brings.

    `about` reads the record by its code and raises NotFoundError; `on_upheld` and `on_rejected` run in the
    transaction of the first decision, `on_reversed` where a later rung takes an upheld claim back. A kind that
    is `on_file` is a declaration: it goes on file, and an authority looks at it only where something is declared.
    The numbers of its cases begin with its `letters`, which no other kind has.
    `told` reads what the room tells beside a case, for whoever may see that case; None where there is nothing.
    An `anonymous` kind names nobody; one for `visitors` is also heard from who has no account, and then names nobody.
    """

    name: str
    letters: str
    label: Text
    ladder: tuple[Instance, ...]
    about: Callable[[str], About]
    may_raise: Callable[[Actor | None, About], bool]
    who: Text
    hint: Text
    on_upheld: Hook | None = None
    on_rejected: Hook | None = None
    on_reversed: Hook | None = None
    sealed: bool = False
    anonymous: bool = False
    visitors: bool = False
    on_file: bool = False
    told: Callable[[Case], Told | None] | None = None


@dataclass(frozen=True, slots=True)
class RestrictionKind:
    """What a restricted person or body may not do; the room that declares it asks at the door.

    `of` is `person` or `organisation`.
    """

    name: str
    label: Text
    of: str
