"""Reads of what a body issued: filtered, sorted, page by page or whole for a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select, true
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, Person
from app.core.columns import JsonObject
from app.core.db import session
from app.credentials.models import Certificate
from app.credentials.queries.records import PER_PAGE, PUBLIC_STATES, Page
from app.credentials.rules.templates import first_instant
from app.credentials.states import CertificateKind, CertificateState, RevocationReason

HOLDER = func.coalesce(Person.name, Organisation.name_zh)
SORTS: dict[str, ColumnElement[Any]] = {
    "at": Certificate.published_at.expression,
    "number": Certificate.number.expression,
    "until": Certificate.valid_until.expression,
    "name": HOLDER,
}
NAMES = (Person.name, Organisation.name_zh, Organisation.name_en)
LATEST = "-at"
MOST_EXPORTED = 50_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for among issued certificates; `since` and `until` are days of issue, both counted."""

    text: str = ""
    standing: str = ""
    kind: str = ""
    level: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = LATEST

    def condition(self, at: datetime) -> ColumnElement[bool]:
        """Return the condition at an instant."""
        found: list[ColumnElement[bool]] = [true()]
        if self.text:
            found.append(
                or_(
                    Certificate.number == self.text.upper(),
                    Certificate.code == self.text,
                    *(one.contains(self.text, autoescape=True) for one in NAMES),
                )
            )
        if self.standing:
            found.append(standing_condition(self.standing, at))
        if self.kind:
            found.append(Certificate.kind == self.kind if self.kind in set(CertificateKind) else false())
        if self.level:
            found.append(Certificate.level == self.level)
        if self.since:
            found.append(Certificate.published_at >= first_instant(self.since))
        if self.until:
            found.append(Certificate.published_at < first_instant(self.until + timedelta(days=1)))
        return and_(*found)

    @property
    def order(self) -> tuple[ColumnElement[Any], ...]:
        """Return the order, the latest first where an unknown one is asked for."""
        wanted = self.sort if self.sort.lstrip("-") in SORTS else LATEST
        column = SORTS[wanted.lstrip("-")]
        if wanted.startswith("-"):
            return column.desc(), Certificate.id.desc()
        return column.asc(), Certificate.id.asc()


def standing_condition(standing: str, at: datetime) -> ColumnElement[bool]:
    """Return the condition that certificates stand as `standing` says, as `verification.standing` reckons it."""
    revoked = Certificate.state == CertificateState.REVOKED
    ended = and_(Certificate.suspended_until.is_not(None), Certificate.suspended_until <= at)
    suspended = and_(Certificate.state == CertificateState.SUSPENDED, not_(ended))
    sound = and_(not_(revoked), not_(suspended))
    expired = and_(Certificate.valid_until.is_not(None), Certificate.valid_until <= at)
    conditions = {
        "revoked": revoked,
        "suspended": suspended,
        "expired": and_(sound, expired),
        "not_yet": and_(sound, not_(expired), Certificate.valid_from > at),
        "valid": and_(sound, not_(expired), Certificate.valid_from <= at),
    }
    return conditions.get(standing, false())


def matching(body_id: int, wanted: Wanted, at: datetime) -> Select[Certificate]:
    """Select what a body issued and what is looked for, in no order."""
    return (
        select(Certificate)
        .join(Person, Person.id == Certificate.person_id, isouter=True)
        .join(Organisation, Organisation.id == Certificate.organisation_id, isouter=True)
        .where(
            Certificate.body_id == body_id,
            Certificate.state.in_(PUBLIC_STATES),
            wanted.condition(at),
        )
    )


def issued(body_id: int, wanted: Wanted, *, at: datetime, page: int = 1) -> Page:
    """Return a page of what a body issued; one beyond the last gives the last."""
    query = matching(body_id, wanted, at)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    number = min(max(page, 1), pages)
    rows = query.options(joinedload(Certificate.person), joinedload(Certificate.organisation)).order_by(*wanted.order)
    found = session.scalars(rows.limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Page(list(found), number, pages, total)


def codes(body_id: int, wanted: Wanted, *, at: datetime) -> list[str]:
    """Return the codes of everything that is looked for, in its order."""
    query = matching(body_id, wanted, at).with_only_columns(Certificate.code).order_by(*wanted.order)
    return list(session.scalars(query.limit(MOST_EXPORTED)))


class Exported(NamedTuple):
    """What stands in a file of one certificate."""

    name: str | None
    kind: CertificateKind
    level: str | None
    level_name: JsonObject | None
    number: str | None
    code: str
    published_at: datetime
    valid_from: datetime
    valid_until: datetime | None
    state: CertificateState
    suspended_until: datetime | None
    revoked_at: datetime | None
    revoked_for: RevocationReason | None
    person_id: int | None


def every(body_id: int, wanted: Wanted, *, at: datetime) -> Iterator[Exported]:
    """Yield everything that is looked for, in its order, as a file tells it; no record is loaded."""
    own = {"level_name": Certificate.fields["level_name"]}
    columns: list[Any] = [own.get(name, getattr(Certificate, name, None)) for name in Exported._fields[1:]]
    query = matching(body_id, wanted, at).with_only_columns(HOLDER, *columns).order_by(*wanted.order)
    for row in session.execute(query.limit(MOST_EXPORTED)).yield_per(1000):
        yield Exported(*row)
