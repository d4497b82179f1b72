"""The certificate of a title: asked for when the title is registered, taken back and given back with it."""

# zh: what is certified stands in both languages

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.assessment.titles import queries
from app.assessment.titles.models import TitleApplication, TitleAward
from app.assessment.titles.services import set_aside_withdrawal
from app.assessment.titles.states import WithdrawalReason
from app.core.columns import JsonObject
from app.core.db import session
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.rules.certified import Certified, Fact
from app.credentials.states import CertificateKind, RevocationReason

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


FOR: dict[WithdrawalReason, RevocationReason] = {
    WithdrawalReason.FALSE_PAPERS: RevocationReason.FALSE_PAPERS,
    WithdrawalReason.PLAGIARISM: RevocationReason.FALSE_PAPERS,
    WithdrawalReason.IMPROPER_MEANS: RevocationReason.AWARD_WITHDRAWN,
    WithdrawalReason.PROCEDURE: RevocationReason.AWARD_WITHDRAWN,
}
"""Which reason of a revocation stands for the reason why the title was withdrawn."""


def take_back(event: Event) -> None:
    """Take back what was certified of a title, in the transaction of its withdrawal."""
    withdrawal = queries.withdrawal_with(event.data["withdrawal"])
    award = withdrawal.award
    for request in issuing.requests_from(CertificateKind.TITLE, SOURCE, award.person_id):
        if request.source_code == award.code:
            credentials.withdraw(
                request,
                reason=FOR[withdrawal.reason],
                note=event.reason or "",
                decision=event.code,
                at=event.at,
            )


def give_back(event: Event) -> None:
    """Certify a title again whose withdrawal was set aside, in the same transaction."""
    award = queries.withdrawal_with(event.data["withdrawal"]).award
    credentials.give_back(Subject(SOURCE, award.code), kind=CertificateKind.TITLE, at=event.at)


def on_set_aside(event: Event) -> None:
    """Let a title stand again whose certificate's revocation was set aside on appeal: both are one decision."""
    if event.data.get("source_type") != SOURCE:
        return
    award = queries.award_with(event.data["source_code"])
    if award is not None and award.withdrawal is not None:
        withdrawal = queries.withdrawal_with(award.withdrawal.code)
        set_aside_withdrawal(withdrawal, reason=event.reason or "", at=event.at)


def _known(codes: Collection[str]) -> Mapping[str, Fact]:
    awards = session.scalars(select(TitleAward).where(TitleAward.code.in_(codes)))
    return {one.code: Fact(one.person_id, number=one.number, stands=one.withdrawal is None) for one in awards}


CERTIFIED = Certified(SOURCE, CertificateKind.TITLE, _known)
CERTIFICATES = (
    Subscriber("titles.confirmed", "titles.ask_for_certificate", ask_for_certificate),
    Subscriber("titles.withdrawn", "titles.take_back_certificate", take_back, now=True),
    Subscriber("titles.restored", "titles.give_back_certificate", give_back, now=True),
    Subscriber("credentials.set_aside", "titles.on_set_aside", on_set_aside, now=True),
)
