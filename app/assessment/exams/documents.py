"""What of an exam session can be found: by the staff of the body that holds it, within their region."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from app.assessment.exams.access import Permission, held_by
from app.assessment.exams.models import ExamSession
from app.core.access import Actor
from app.core.db import session
from app.core.events import Subject
from app.core.text import _l
from app.desk.kinds import Document, DocumentKind, ScopeKind, in_region

NAME = "exams.session"


def _every(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(ExamSession.id, ExamSession.code).where(ExamSession.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(ExamSession.id).limit(limit))]


def _of(codes: Collection[str]) -> Iterator[Document]:
    for exam in session.scalars(select(ExamSession).where(ExamSession.code.in_(codes))):
        yield Document(
            kind=NAME,
            subject=Subject("exam_session", exam.code),
            title_zh=exam.name_zh,
            title_en=exam.name_en,
            url=f"/exams/sessions/{exam.code}",
            scopes=(in_region(exam.region_code, Permission.VIEW),),
        )


def _among(actor: Actor, codes: Collection[str]) -> set[str]:
    held = held_by(ExamSession.organisation_id, ExamSession.region_code, actor)
    return set(session.scalars(select(ExamSession.code).where(ExamSession.code.in_(codes), held)))


DOCUMENTS = {
    NAME: DocumentKind(
        _l("Exam sessions"),
        forms=((ScopeKind.REGION, Permission.VIEW),),
        of=_of,
        every=_every,
        on=("exams.session_created",),
        among=_among,
    )
}
