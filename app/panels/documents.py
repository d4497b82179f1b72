"""What of expert pools can be found, by those who may open them: the pools and the experts in them, never in public."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.accounts.models import Person
from app.accounts.rights_queries import findable
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.core.text import _l
from app.desk.kinds import Document, DocumentKind, Scope, ScopeKind, in_region, of_organisation
from app.desk.services import documents
from app.panels.access import Permission
from app.panels.models.pools import ExpertPool, PoolExpert
from app.panels.services import subjects

POOL, EXPERT = "panels.pool", "panels.expert"
FORMS = ((ScopeKind.ORGANISATION, Permission.ORGANISE), (ScopeKind.REGION, Permission.ADMIT))


def _scopes(pool: ExpertPool) -> tuple[Scope, ...]:
    """Return under what a pool and its experts are found: the same conditions as `scope.pools`."""
    office = of_organisation(pool.organisation_id, Permission.ORGANISE)
    return office, in_region(pool.region_code, Permission.ADMIT)


def _every_pool(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(ExpertPool.id, ExpertPool.code).where(ExpertPool.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(ExpertPool.id).limit(limit))]


def _pools(codes: Collection[str]) -> Iterator[Document]:
    for pool in session.scalars(select(ExpertPool).where(ExpertPool.code.in_(codes))):
        yield Document(
            kind=POOL,
            subject=subjects.of_pool(pool),
            title_zh=pool.name_zh,
            title_en=pool.name_en,
            url=f"/pools/{pool.code}",
            scopes=_scopes(pool),
        )


def _every_expert(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(PoolExpert.id, PoolExpert.code).where(PoolExpert.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(PoolExpert.id).limit(limit))]


def _experts(codes: Collection[str]) -> Iterator[Document]:
    query = (
        select(PoolExpert)
        .join(PoolExpert.person)
        .join(PoolExpert.pool)
        .options(contains_eager(PoolExpert.person), contains_eager(PoolExpert.pool))
        .where(PoolExpert.code.in_(codes), findable())
    )
    for expert in session.scalars(query):
        yield Document(
            kind=EXPERT,
            subject=subjects.of_expert(expert),
            title_zh=expert.person.name,
            title_en=expert.person.name_latin or "",
            url=f"/pools/{expert.pool.code}/experts/{expert.code}",
            scopes=_scopes(expert.pool),
            words=f"{expert.unit} {expert.pool.name_zh} {expert.pool.name_en}",
        )


def _anew(happened: Event) -> None:
    """Make what is found of a person in pools anew: they were erased, joined with another, or their name corrected."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    documents.refresh(EXPERT, session.scalars(select(PoolExpert.code).where(PoolExpert.person_id.in_(person))))


ABOUT_PEOPLE = tuple(
    Subscriber(f"accounts.{kind}", "panels.found_anew", _anew, now=True)
    for kind in ("person_erased", "erasure_limited", "people_merged", "name_corrected")
)
DOCUMENTS = {
    POOL: DocumentKind(_l("Expert pools"), FORMS, of=_pools, every=_every_pool, on=("panels.pool_opened",)),
    EXPERT: DocumentKind(_l("Experts"), FORMS, of=_experts, every=_every_expert, on=("panels.nominated",)),
}
