"""What of the case room can be found: notices of the public board by everyone, a case by whoever may open it.

Whose name is protected stands in no document and no scope: the author of a sealed case finds it among their own cases.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import or_, select

from app.accounts.models import Person
from app.accounts.rights_queries import findable
from app.cases.access import Permission
from app.cases.models import Case, Publicity
from app.cases.queries.cases import seen
from app.cases.queries.kinds import case_kinds
from app.cases.services.subjects import of_case, of_publicity
from app.cases.states import CaseState, Protection
from app.core.access import Actor
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.core.text import _l, in_language
from app.desk.kinds import PUBLIC, Document, DocumentKind, Scope, ScopeKind, for_person, in_region, of_organisation
from app.desk.services import documents

NAME, CASE = "cases.notice", "cases.case"


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(Publicity.id, Publicity.code).where(Publicity.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(Publicity.id).limit(limit))]


def _of(codes: Collection[str]) -> Iterator[Document]:
    """Make the documents of notices; one that was taken off the board is no longer found."""
    query = select(Publicity).where(Publicity.code.in_(codes), Publicity.revoked_at.is_(None))
    for notice in session.scalars(query):
        yield Document(
            kind=NAME,
            subject=of_publicity(notice),
            title_zh=notice.title_zh,
            title_en=notice.title_en,
            url=f"/notices/{notice.code}",
            scopes=(PUBLIC,),
            words=f"{notice.starts_on} – {notice.ends_on}",
        )


def _every_case(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(Case.id, Case.code).where(Case.id > after, Case.state != CaseState.DRAFT)
    return [(key, code) for key, code in session.execute(query.order_by(Case.id).limit(limit))]


def _cases(codes: Collection[str]) -> Iterator[Document]:
    """Make the documents of raised cases; a draft is nobody's to find, nor what is about an erased person."""
    shown = or_(Case.person_id.is_(None), Case.person_id.in_(select(Person.id).where(findable())))
    query = select(Case).where(Case.code.in_(codes), Case.state != CaseState.DRAFT, shown)
    kinds = case_kinds()
    for case in session.scalars(query):
        label = kinds[case.kind].label if case.kind in kinds else case.kind
        yield Document(
            kind=CASE,
            subject=of_case(case),
            title_zh=case.about_zh,
            title_en=case.about_en,
            url=f"/cases/{case.code}",
            scopes=_scopes(case),
            words=f"{in_language(label, 'zh_CN')} {in_language(label, 'en')}",
            identifiers=(str(case.number),),
        )


def _scopes(case: Case) -> tuple[Scope, ...]:
    """Return under what a case may be found at most; `_among` then asks for each exactly what its page asks."""
    authorities = dict.fromkeys((case.authority_region, case.region_code))
    officers = tuple(in_region(region, Permission.HANDLE) for region in authorities)
    if case.protection is not Protection.OPEN:
        return officers
    people = {one for one in (case.raised_by_id, case.person_id) if one is not None}
    parties = tuple(for_person(one) for one in sorted(people))
    if case.subject_organisation_id is None:
        return (*officers, *parties)
    return (*officers, *parties, of_organisation(case.subject_organisation_id))


def _among(actor: Actor, codes: Collection[str]) -> set[str]:
    """Return which of some cases the actor may open: raised by them, about them, or in their charge."""
    return set(session.scalars(select(Case.code).where(Case.code.in_(codes), seen(actor))))


def _anew(happened: Event) -> None:
    """Make what is found of a person's cases anew after the person was erased or joined with another."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    query = select(Case.code).where(or_(Case.person_id.in_(person), Case.raised_by_id.in_(person)))
    documents.refresh(CASE, session.scalars(query))


ABOUT_PEOPLE = tuple(
    Subscriber(f"accounts.{kind}", "cases.found_anew", _anew, now=True)
    for kind in ("person_erased", "erasure_limited", "people_merged")
)
DOCUMENTS = {
    NAME: DocumentKind(
        _l("Public notices"),
        forms=(PUBLIC.form,),
        of=_of,
        every=_every,
        on=("cases.publicity_opened", "cases.publicity_revoked", "cases.period_recounted"),
    ),
    CASE: DocumentKind(
        _l("Case files"),
        forms=(
            (ScopeKind.REGION, Permission.HANDLE),
            (ScopeKind.PERSON, None),
            (ScopeKind.ORGANISATION, None),
        ),
        of=_cases,
        every=_every_case,
        on=("cases.raised", "cases.filed", "cases.passed_up"),
        among=_among,
    ),
}
