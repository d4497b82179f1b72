"""What of a title can be found: its number and whose it is, by everyone, as in the public register."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.accounts.models import Person
from app.accounts.rights_queries import findable
from app.assessment.titles import queries
from app.assessment.titles.models import TitleApplication, TitleAward
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.core.text import _l
from app.desk.kinds import PUBLIC, Document, DocumentKind
from app.desk.services import documents

NAME = "titles.award"
CHANGES = (
    "person_erased",
    "erasure_limited",
    "people_merged",
    "name_corrected",
    "consent_given",
    "consent_withdrawn",
)
WITHDRAWN = " 已撤销 withdrawn"  # zh: what is found is read in both languages


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(TitleAward.id, TitleApplication.code).join(TitleAward.application).where(TitleAward.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(TitleAward.id).limit(limit))]


def _of(codes: Collection[str]) -> Iterator[Document]:
    """Make the documents of applications that led to a title; one of who asked for erasure is found by its number."""
    query = (
        select(TitleAward)
        .join(TitleAward.application)
        .options(contains_eager(TitleAward.application))
        .where(TitleApplication.code.in_(codes))
    )
    awards = session.scalars(query).all()
    names = queries.shown_names(awards)
    named = set(session.scalars(select(Person.id).where(Person.id.in_(names), findable())))
    for award in awards:
        if award.person.erased_at is not None:
            continue
        yield Document(
            kind=NAME,
            subject=queries.subject(award.application),
            title_zh=names[award.person_id] if award.person_id in named else award.number,
            title_en=(award.person.name_latin or "") if names[award.person_id] == award.person.name else "",
            url=f"/titles/register/{award.number}",
            scopes=(PUBLIC,),
            words=f"{award.number} {award.title_zh} {award.title_en}{WITHDRAWN if award.withdrawal else ''}",
            identifiers=(award.number,),
        )


def _anew(happened: Event) -> None:
    """Make what is found of a person's titles anew: erased, joined, renamed, or named by their own choice."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    query = select(TitleApplication.code).join(TitleAward, TitleAward.application_id == TitleApplication.id)
    documents.refresh(NAME, session.scalars(query.where(TitleAward.person_id.in_(person))))


ABOUT_PEOPLE = tuple(Subscriber(f"accounts.{kind}", "titles.found_anew", _anew, now=True) for kind in CHANGES)
DOCUMENTS = {
    NAME: DocumentKind(
        _l("Register of titles"),
        forms=(PUBLIC.form,),
        of=_of,
        every=_every,
        on=("titles.confirmed", "titles.withdrawn", "titles.restored"),
    )
}
