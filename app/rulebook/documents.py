"""What of a rule pack can be found: by everyone once it is published, before by the authorities of its region."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from app.core.db import session
from app.core.events import Subject
from app.core.text import _l
from app.desk.kinds import PUBLIC, Document, DocumentKind, ScopeKind, in_region
from app.rulebook.access import Permission
from app.rulebook.models import RulePack
from app.rulebook.states import PackState

NAME = "rulebook.pack"


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(RulePack.id, RulePack.code).where(RulePack.id > after).order_by(RulePack.id).limit(limit)
    return [(key, code) for key, code in session.execute(query)]


def _of(codes: Collection[str]) -> Iterator[Document]:
    for pack in session.scalars(select(RulePack).where(RulePack.code.in_(codes))):
        published = pack.state is PackState.PUBLISHED
        yield Document(
            kind=NAME,
            subject=Subject("rule_pack", pack.code),
            title_zh=pack.name_zh,
            title_en=pack.name_en,
            url=f"/rules/{pack.code}",
            scopes=(PUBLIC,) if published else (in_region(pack.region_code, Permission.PROPOSE),),
            words=f"{pack.source['title_zh']} {pack.source['title_en']}",
            identifiers=(pack.code,),
        )


DOCUMENTS = {
    NAME: DocumentKind(
        _l("Rules"),
        forms=(PUBLIC.form, (ScopeKind.REGION, Permission.PROPOSE)),
        of=_of,
        every=_every,
        on=(
            "rulebook.drafted",
            "rulebook.proposed",
            "rulebook.published",
            "rulebook.returned",
            "rulebook.withdrawn",
        ),
    )
}
