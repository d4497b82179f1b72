"""The templates of the demo: shipped ones in force, a draft that waits for its second issuer, a report asked for."""

from datetime import timedelta

from sqlalchemy import func, select

from app.assessment.credit.queries import ratings
from app.assessment.credit.services.reports import ask_for_report, standing_report
from app.cli.demo.exams import SUMMER
from app.cli.demo.moved import moved_to
from app.cli.demo.step import MADE_AT, Demo, acting_as
from app.core import clock
from app.core.db import session, unit_of_work
from app.credentials import services
from app.credentials.models import CertificateTemplate
from app.credentials.queries import templates
from app.credentials.services.templates import Content
from app.credentials.states import CertificateKind

DRAFTED_AT = SUMMER + timedelta(days=20)
# zh: what a Chinese office would write
NAME_ZH = "{level}能力等级证书（2026年版）"
NAME_EN = "Certificate of capability, 2026 edition: {level}"


def load(demo: Demo) -> int:
    """Put the shipped templates into force where they are not, and begin a draft once."""
    del demo
    with unit_of_work():
        made = services.load_shipped(at=MADE_AT)
    drafts = select(func.count()).select_from(CertificateTemplate).where(CertificateTemplate.shipped.is_(False))
    if session.scalar(drafts):
        return made
    session.rollback()
    with moved_to(DRAFTED_AT), unit_of_work():
        author = acting_as("issuer2")
        current = templates.template(templates.current(CertificateKind.CAPABILITY, None).code)
        draft = services.start_draft(current, level="", by=author, at=DRAFTED_AT)
        words = {**draft.wording, "name_zh": NAME_ZH, "name_en": NAME_EN}
        content = Content(words, draft.html, draft.css, (draft.source_zh, draft.source_en), 36, 90)
        services.save_draft(draft, content, by=author, at=DRAFTED_AT)
    return made + 1


def ask_report(demo: Demo) -> int:
    """Let the trainee of the demo ask for a credit report, once."""
    del demo
    with unit_of_work():
        trainee = acting_as("trainee")
        rating = ratings.latest(trainee.person_id)
        if rating is None:
            return 0
        asked = standing_report(rating, at=clock.now()) is None
        ask_for_report(rating, by=trainee, at=clock.now())
        return int(asked)
