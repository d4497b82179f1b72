"""What of an award can be found: its unified number and name, by everyone, as in the public register."""

from collections.abc import Collection, Iterator
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.assessment.certification.models import Award
from app.assessment.certification.queries import REGISTERED
from app.core.db import session
from app.core.events import Subject
from app.core.text import _l
from app.credentials.rules.templates import LEVELS, Level
from app.desk.kinds import PUBLIC, Document, DocumentKind

NAME = "certification.award"


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(Award.id, Award.code).where(Award.id > after).order_by(Award.id).limit(limit)
    return [(key, code) for key, code in session.execute(query)]


def _of(codes: Collection[str]) -> Iterator[Document]:
    query = select(Award).options(joinedload(Award.person)).where(Award.code.in_(codes), Award.state.in_(REGISTERED))
    for award in session.scalars(query):
        if award.unified_number is None or award.person.erased_at is not None:
            continue
        level = LEVELS[cast("Level", award.level)]
        yield Document(
            kind=NAME,
            subject=Subject("award", award.code),
            title_zh=award.person.name,
            title_en=award.person.name_latin or "",
            url=f"/register/{award.unified_number}",
            scopes=(PUBLIC,),
            words=f"{level.zh} {level.en}",
            identifiers=(award.unified_number,),
        )


DOCUMENTS = {
    NAME: DocumentKind(
        _l("Register of technology managers"),
        forms=(PUBLIC.form,),
        of=_of,
        every=_every,
        on=("certification.awarded", "certification.withdrawn"),
    )
}
