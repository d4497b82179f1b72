"""What rooms declare to the desk: kinds of searchable documents and the scopes they are shown under."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy import ScalarSelect

from app.core.access import Actor
from app.core.errors import Text
from app.core.events import Event, Subject


class ScopeKind(StrEnum):
    """Under what a document is found."""

    PUBLIC = "public"
    REGION = "region"
    ORGANISATION = "organisation"
    PERSON = "person"
    PERMISSION = "permission"


@dataclass(frozen=True, slots=True)
class Scope:
    """One way to see a document: kind and key, and the permission that the acting role must carry too."""

    kind: ScopeKind
    key: int = 0
    permission: str | None = None

    @property
    def form(self) -> "Form":
        """Return the scope without its key, as a document kind declares it."""
        return self.kind, self.permission


Form = tuple[ScopeKind, str | None]
PUBLIC = Scope(ScopeKind.PUBLIC)


def in_region(code: str, permission: str) -> Scope:
    """Show a document to those who carry a permission in a region that covers this one."""
    return Scope(ScopeKind.REGION, int(code), permission)


def of_organisation(organisation_id: int, permission: str | None = None) -> Scope:
    """Show a document to those who act for an organisation, perhaps with a permission only."""
    return Scope(ScopeKind.ORGANISATION, organisation_id, permission)


def for_person(person_id: int, permission: str | None = None) -> Scope:
    """Show a document to one person, perhaps only under a role with a permission."""
    return Scope(ScopeKind.PERSON, person_id, permission)


def with_permission(permission: str) -> Scope:
    """Show a document to everyone who carries a permission."""
    return Scope(ScopeKind.PERMISSION, 0, permission)


@dataclass(frozen=True, slots=True)
class Document:
    """What a room lets people find: names in both languages, further words, identifiers, where it leads.

    `identifiers` are found by their beginning, `words` in the text below the title.
    """

    kind: str
    subject: Subject
    title_zh: str
    title_en: str
    url: str
    scopes: tuple[Scope, ...]
    words: str = ""
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document: its name, the forms of scope it uses, how documents are made of records.

    `of(codes)` makes the documents of records by their outside codes, leaving out those not to be found; each event of
    `on` makes the document of its subject anew, in the event's transaction. `every(after, limit)` returns the keys and
    codes of all records from after a key on, for a reindex. `among(actor, codes)` says which of the codes the actor
    sees, for a row scope that no form of scope can say. Where a hit is a `person`, the search is a look at them.
    """

    label: Text
    forms: tuple[Form, ...]
    of: Callable[[Collection[str]], Iterable[Document]]
    every: Callable[[int, int], Sequence[tuple[int, str]]]
    on: tuple[str, ...] = ()
    among: Callable[[Actor, Collection[str]], set[str]] | None = None
    person: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a notice tells: where its link leads, what fills the sentence, and the role under which they are told."""

    person_id: int
    url: str
    params: dict[str, str] = field(default_factory=dict)
    membership_id: int | None = None

    def with_day(self, happened: Event) -> "Told":
        """Return the same with the day that an event of a new count gives, as `due`."""
        return replace(self, params={**self.params, "due": happened.data["due"]})


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice: after which event, to whom, in which sentence; `mail` and `sms` are what holds unless chosen.

    `label` names the kind where people choose, without parameters. `told(event)` may name the same person once only.
    `told_of_all(events)` says the same of many events in few statements, by the event's id, for bulk work.
    """

    name: str
    event: str
    label: Text
    sentence: Text
    told: Callable[[Event], Iterable[Told]]
    mail: bool = False
    sms: bool = False
    told_of_all: Callable[[Sequence[Event]], Mapping[int, Sequence[Told]]] | None = None


@dataclass(frozen=True, slots=True)
class NumberTile:
    """A number of a role on its home: shown with a permission, counted by one scalar query, leading to its list."""

    label: Text
    permission: str
    value: Callable[[Actor], ScalarSelect[int]]
    endpoint: str


@dataclass(frozen=True, slots=True)
class Expected:
    """A to-do that must be open, as it follows from the state of a record."""

    kind: str
    subject: Subject
    person_id: int | None = None
    role: str | None = None
    organisation_id: int | None = None
    region_code: str | None = None
