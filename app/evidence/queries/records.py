"""Reads of evidence records within what the actor may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, or_, select
from sqlalchemy.orm import contains_eager

from app.accounts.access import within
from app.accounts.models import Membership, Person
from app.accounts.queries import in_force
from app.core.access import Actor
from app.core.clock import today
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.evidence.access import sees
from app.evidence.models import Evidence, EvidenceFile, EvidenceLink
from app.evidence.queries.pages import Page, page_of
from app.evidence.rules.checks import naming, others
from app.evidence.states import LIVE, OPEN, PAPERS, Kind, State
from app.rulebook.verdicts import Outcome, Verdict

ORDERS: dict[str, Any] = {
    "title": Evidence.title.asc(),
    "-title": Evidence.title.desc(),
    "day": Evidence.happened_on.asc(),
    "-day": Evidence.happened_on.desc(),
    "declared": Evidence.declared_at.asc(),
    "-declared": Evidence.declared_at.desc(),
}


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is narrowed to, and how it is sorted; empty texts narrow nothing."""

    text: str = ""
    kind: str = ""
    state: str = ""
    sort: str = ""
    page: int = 1


def visible(actor: Actor) -> Select[Evidence]:
    """Select what the actor may see, with the persons."""
    query = select(Evidence).join(Evidence.person).options(contains_eager(Evidence.person))
    return query.where(sees(actor))


def record(code: str, actor: Actor, *, lock: bool = False) -> Evidence:
    """Return one record within what the actor may see; raises NotFoundError."""
    query = visible(actor).where(Evidence.code == code)
    found = session.scalar(query.with_for_update(of=Evidence) if lock else query)
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def verdicts(found: Iterable[Evidence], actor: Actor) -> dict[int, Verdict]:
    """Return the kept verdicts of records, by key, which name of other records only what the actor may see."""
    kept = {one.id: Verdict.from_json(one.verdict) for one in found if one.verdict}
    named = {code for verdict in kept.values() for code in others(verdict)}
    codes = session.scalars(select(Evidence.code).where(Evidence.code.in_(named), sees(actor))) if named else ()
    seen = frozenset(codes)
    return {key: naming(verdict, seen) for key, verdict in kept.items()}


def own(actor: Actor, search: Search) -> Page[Evidence]:
    """List the records about the actor that they may see, the latest entered first."""
    query = visible(actor).where(Evidence.person_id == actor.person_id)
    return _page(query, search, (Evidence.id.desc(),))


def of_organisation(actor: Actor, search: Search) -> Page[Evidence]:
    """List what the actor's organisation entered for its people, the latest entered first."""
    query = visible(actor).where(
        Evidence.organisation_id == actor.organisation_id, Evidence.organisation_id.is_not(None)
    )
    return _page(query, search, (Evidence.id.desc(),))


def queue(actor: Actor, search: Search) -> Page[Evidence]:
    """List what waits for a check in the actor's region, what waited longest first."""
    query = visible(actor).where(
        within(Evidence.region_code, actor),
        Evidence.state.in_(OPEN),
        Evidence.accepted_at.is_not(None),
        Evidence.person_id != actor.person_id,
        Evidence.entered_by_id != actor.person_id,
    )
    return _page(query, search, (Evidence.declared_at, Evidence.id))


def in_region(actor: Actor, search: Search) -> Page[Evidence]:
    """List every declared record of the actor's region, the latest declared first."""
    query = visible(actor).where(within(Evidence.region_code, actor), Evidence.state != State.DRAFT)
    return _page(query, search, (Evidence.declared_at.desc(), Evidence.id.desc()))


def _page(query: Select[Any], search: Search, order: tuple[Any, ...]) -> Page[Evidence]:
    text = search.text.strip()
    if text:
        columns = (Evidence.title, Evidence.number, Person.name)
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if search.kind in set(Kind):
        query = query.where(Evidence.kind == Kind(search.kind))
    if search.state in set(State):
        query = query.where(Evidence.state == State(search.state))
    elif search.state in set(Outcome):
        query = query.where(Evidence.standing == search.state)
    if search.sort in ORDERS:
        order = (ORDERS[search.sort], Evidence.id)
    return page_of(query, order, search.page)


def files_of(evidence_ids: Iterable[int]) -> list[EvidenceFile]:
    """Return the files of records in one statement, in the order they were attached."""
    query = select(EvidenceFile).where(EvidenceFile.evidence_id.in_(list(evidence_ids)))
    return list(session.scalars(query.order_by(EvidenceFile.id)))


def file(evidence: Evidence, sha256: str) -> EvidenceFile:
    """Return a file of a record by its hash; raises NotFoundError."""
    found = next((one for one in files_of([evidence.id]) if one.file.sha256 == sha256), None)
    if found is None:
        raise NotFoundError(_l("There is no such file in this record."))
    return found


def contracts_to_link(person_id: int) -> list[Evidence]:
    """Return the live contracts of a person to which a paper can be linked, the latest signed first."""
    query = select(Evidence).where(
        Evidence.person_id == person_id, Evidence.kind == Kind.CONTRACT, Evidence.state.in_(LIVE)
    )
    latest = {one.series: one for one in session.scalars(query.order_by(Evidence.id))}
    return sorted(latest.values(), key=lambda one: (str(one.happened_on), one.id), reverse=True)


def next_version(evidence: Evidence) -> Evidence | None:
    """Return the latest later version of a record, None where it is the latest itself."""
    query = select(Evidence).where(
        Evidence.series == evidence.series, Evidence.id > evidence.id, Evidence.state != State.WITHDRAWN
    )
    return session.scalars(query.order_by(Evidence.id.desc()).limit(1)).first()


@dataclass(frozen=True, slots=True)
class Bundle:
    """A contract and its papers, of each the latest live version; `contract` None where a paper stands alone."""

    contract: Evidence | None
    papers: list[Evidence]

    @property
    def records(self) -> list[Evidence]:
        """Return all of them."""
        return [*([self.contract] if self.contract else []), *self.papers]


def bundle_of(evidence: Evidence, actor: Actor | None = None) -> Bundle:
    """Return the contract and the papers to which a record belongs, within what the actor may see.

    The record itself stands for its series. One statement.
    """
    if evidence.kind not in {Kind.CONTRACT, *PAPERS}:
        return Bundle(None, [])
    key: ColumnElement[str] = literal(evidence.series)
    if evidence.kind in PAPERS:
        found = select(EvidenceLink.contract_series).where(EvidenceLink.paper_series == evidence.series)
        key = found.scalar_subquery()
    linked = select(EvidenceLink.paper_series).where(EvidenceLink.contract_series == key)
    query = select(Evidence).where(or_(Evidence.series == key, Evidence.series.in_(linked)), Evidence.state.in_(LIVE))
    if actor is not None:
        query = query.where(sees(actor))
    latest = {one.series: one for one in session.scalars(query.order_by(Evidence.id))}
    if evidence.kind is Kind.CONTRACT or latest:
        latest[evidence.series] = evidence
    contract = next((one for one in latest.values() if one.kind is Kind.CONTRACT), None)
    papers = [one for one in latest.values() if one is not contract]
    return Bundle(contract, sorted(papers, key=_paper_order))


def _paper_order(paper: Evidence) -> tuple[int, str, int]:
    kinds = [Kind.REGISTRATION, Kind.INVOICE, Kind.RECEIPT]
    return kinds.index(paper.kind), str(paper.happened_on), paper.id


def staff(organisation_id: int | None) -> list[Person]:
    """Return the people who hold a role for an organisation today, by name."""
    if organisation_id is None:
        return []
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id, in_force(today()), Person.erased_at.is_(None))
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return list(session.scalars(query))
