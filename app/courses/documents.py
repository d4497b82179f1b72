"""What of a cohort can be found: by its base, its lecturers and the authorities of its region."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.accounts.models import Person
from app.core.db import session
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.core.text import _l
from app.courses.access import Permission
from app.courses.models import Cohort, CohortLecturer
from app.desk.kinds import Document, DocumentKind, Scope, ScopeKind, for_person, in_region, of_organisation
from app.desk.services import documents

NAME = "courses.cohort"


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(Cohort.id, Cohort.code).where(Cohort.id > after).order_by(Cohort.id).limit(limit)
    return [(key, code) for key, code in session.execute(query)]


def _of(codes: Collection[str]) -> Iterator[Document]:
    query = (
        select(Cohort)
        .join(Cohort.course)
        .join(Cohort.base)
        .options(contains_eager(Cohort.course), contains_eager(Cohort.base))
        .where(Cohort.code.in_(codes))
    )
    cohorts = session.scalars(query).all()
    teaching: dict[int, list[Scope]] = {}
    taught = select(CohortLecturer).where(CohortLecturer.cohort_id.in_([cohort.id for cohort in cohorts]))
    for row in session.scalars(taught):
        teaching.setdefault(row.cohort_id, []).append(for_person(row.person_id, Permission.TEACH))
    for cohort in cohorts:
        yield Document(
            kind=NAME,
            subject=Subject("cohort", cohort.code),
            title_zh=cohort.name,
            title_en="",
            url=f"/cohorts/{cohort.code}",
            scopes=(
                of_organisation(cohort.base_organisation_id, Permission.RUN),
                in_region(cohort.region_code, Permission.OVERSEE),
                *teaching.get(cohort.id, ()),
            ),
            words=f"{cohort.course.title_zh} {cohort.course.title_en} {cohort.base.name_zh} {cohort.base.name_en}",
        )


def _anew(happened: Event) -> None:
    """Let the lecturer of a joined record find the cohorts that the other one taught."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    taught = select(Cohort.code).join(CohortLecturer, CohortLecturer.cohort_id == Cohort.id)
    documents.refresh(NAME, session.scalars(taught.where(CohortLecturer.person_id.in_(person))))


ABOUT_PEOPLE = (Subscriber("accounts.people_merged", "courses.found_anew", _anew, now=True),)
DOCUMENTS = {
    NAME: DocumentKind(
        _l("Cohorts"),
        forms=(
            (ScopeKind.ORGANISATION, Permission.RUN),
            (ScopeKind.REGION, Permission.OVERSEE),
            (ScopeKind.PERSON, Permission.TEACH),
        ),
        of=_of,
        every=_every,
        on=("courses.cohort_planned", "courses.cohort_opened", "courses.cohort_closed"),
    )
}
