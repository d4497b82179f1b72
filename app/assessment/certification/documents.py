"""What of an award can be found: its unified number and name, by everyone, as in the public register."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.accounts.rights_queries import findable
from app.assessment.certification.models import Award
from app.assessment.certification.queries import REGISTERED, shown_names
from app.assessment.certification.states import AwardState
from app.core.db import session
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.core.text import _l
from app.desk.kinds import PUBLIC, Document, DocumentKind
from app.desk.services import documents
from app.rulebook import queries as rulebook
from app.rulebook.terms import LevelName

NAME = "certification.award"
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
    query = select(Award.id, Award.code).where(Award.id > after).order_by(Award.id).limit(limit)
    return [(key, code) for key, code in session.execute(query)]


def _of(codes: Collection[str]) -> Iterator[Document]:
    """Make the documents of given levels; one whose holder asked for erasure is found by its number alone."""
    query = select(Award).options(joinedload(Award.person)).where(Award.code.in_(codes), Award.state.in_(REGISTERED))
    awards = session.scalars(query).all()
    names = shown_names(awards)
    named = set(session.scalars(select(Person.id).where(Person.id.in_(names), findable())))
    packs = rulebook.levels_in({award.rule_pack for award in awards})
    for award in awards:
        if award.unified_number is None or award.person.erased_at is not None:
            continue
        level = packs.get(award.rule_pack, {}).get(award.level) or LevelName(award.level, "")
        yield Document(
            kind=NAME,
            subject=Subject("award", award.code),
            title_zh=names[award.person_id] if award.person_id in named else award.unified_number,
            title_en=(award.person.name_latin or "") if names[award.person_id] == award.person.name else "",
            url=f"/register/{award.unified_number}",
            scopes=(PUBLIC,),
            words=f"{award.unified_number} {level.zh} {level.en}{_standing(award)}",
            identifiers=(award.unified_number,),
        )


def _standing(award: Award) -> str:
    """Say in both languages that a level was withdrawn, nothing of one that stands."""
    return WITHDRAWN if award.state is AwardState.WITHDRAWN else ""


def _anew(happened: Event) -> None:
    """Make what is found of a person's levels anew: erased, joined, renamed, or named by their own choice."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    documents.refresh(NAME, session.scalars(select(Award.code).where(Award.person_id.in_(person))))


ABOUT_PEOPLE = tuple(Subscriber(f"accounts.{kind}", "certification.found_anew", _anew, now=True) for kind in CHANGES)
DOCUMENTS = {
    NAME: DocumentKind(
        _l("Register of technology managers"),
        forms=(PUBLIC.form,),
        of=_of,
        every=_every,
        on=("certification.awarded", "certification.withdrawn"),
    )
}
