"""What of a training base can be found: by everyone from its accreditation on, before by its own people."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from app.bases.access import Permission
from app.bases.models import TrainingBase
from app.bases.queries import PUBLIC_STATES
from app.core.db import session
from app.core.events import Subject
from app.core.text import _l
from app.desk.kinds import PUBLIC, Document, DocumentKind, ScopeKind, in_region, of_organisation

NAME = "bases.base"


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(TrainingBase.id, TrainingBase.code).where(TrainingBase.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(TrainingBase.id).limit(limit))]


def _of(codes: Collection[str]) -> Iterator[Document]:
    for base in session.scalars(select(TrainingBase).where(TrainingBase.code.in_(codes))):
        organisation = base.organisation
        own = (of_organisation(organisation.id), in_region(base.region_code, Permission.DECIDE))
        yield Document(
            kind=NAME,
            subject=Subject("training_base", base.code),
            title_zh=organisation.name_zh,
            title_en=organisation.name_en,
            url=f"/bases/{organisation.slug}",
            scopes=(PUBLIC,) if base.state in PUBLIC_STATES else own,
            words=f"{base.address_zh} {base.address_en}",
            identifiers=(organisation.credit_code,) if organisation.credit_code else (),
        )


DOCUMENTS = {
    NAME: DocumentKind(
        _l("Training bases"),
        forms=(
            PUBLIC.form,
            (ScopeKind.ORGANISATION, None),
            (ScopeKind.REGION, Permission.DECIDE),
        ),
        of=_of,
        every=_every,
        on=(
            "bases.applied",
            "bases.accredited",
            "bases.renewed",
            "bases.refused",
            "bases.suspended",
            "bases.reinstated",
            "bases.exited",
        ),
    )
}
