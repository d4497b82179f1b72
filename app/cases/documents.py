"""What of the public notice board can be found: every notice that stands on it or lies in its archive, by everyone."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from app.cases.models import Publicity
from app.cases.services.subjects import of_publicity
from app.core.db import session
from app.core.text import _l
from app.desk.kinds import PUBLIC, Document, DocumentKind

NAME = "cases.notice"


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


DOCUMENTS = {
    NAME: DocumentKind(
        _l("Public notices"),
        forms=(PUBLIC.form,),
        of=_of,
        every=_every,
        on=("cases.publicity_opened", "cases.publicity_revoked"),
    )
}
