"""The certificate of a title: asked for when the title is registered."""

# zh: what is certified stands in both languages

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.assessment.titles.models import TitleApplication, TitleAward
from app.core.columns import JsonObject
from app.core.db import session
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.states import CertificateKind

SOURCE = "title_award"


def ask_for_certificate(event: Event) -> None:
    """Ask the authority's issuing body to certify a title that was confirmed, once a title.

    Raises UnavailableError where no body issues in the region yet: the event is then delivered again later.
    """
    query = select(TitleAward).join(TitleApplication, TitleApplication.id == TitleAward.application_id)
    award = session.scalars(
        query.options(joinedload(TitleAward.person)).where(TitleApplication.code == event.subject_code)
    ).one()
    credentials.request_certificate(
        kind=CertificateKind.TITLE,
        person_id=award.person_id,
        source=Subject(SOURCE, award.code),
        fields=_fields(award),
        body=issuing.responsible_body(CertificateKind.TITLE, award.region_code),
        by=None,
        at=event.at,
    )


def _fields(award: TitleAward) -> JsonObject:
    application = session.get_one(TitleApplication, award.application_id)
    committee = application.round.committee
    return {
        "number": award.number,
        "valid_from": str(award.awarded_on),
        "words": {
            "title": {"zh": award.title_zh, "en": award.title_en},
            "series": {"zh": award.series_zh, "en": award.series_en},
        },
        "entries": [
            {
                "key": "committee",
                "label": {"zh": "评审委员会", "en": "Committee"},
                "value": f"{committee.name_zh} / {committee.name_en}"[:200],
            }
        ],
    }


CERTIFICATES = (Subscriber("titles.confirmed", "titles.ask_for_certificate", ask_for_certificate),)
