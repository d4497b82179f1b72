"""The certificate of an accreditation: asked for when a base is accredited, taken back when it leaves."""

# zh: what is certified stands in both languages

from sqlalchemy import select

from app.bases.models import TrainingBase
from app.bases.states import BaseState
from app.core.columns import JsonObject
from app.core.db import session
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.rules.templates import LEVELS
from app.credentials.states import CertificateKind, RevocationReason

KIND = CertificateKind.ACCREDITATION
SOURCE = "accreditation"


def ask_for_certificate(event: Event) -> None:
    """Ask the authority's issuing body to certify the accreditation that an event brought, once an event.

    Nothing is asked where the base has left or was given another period meanwhile. Raises UnavailableError where
    no body issues in the region yet: the event is then delivered again later.
    """
    base = _base_of(event)
    if base.state is not BaseState.ACCREDITED or base.decided_at != event.at:
        return
    credentials.request_certificate(
        kind=KIND,
        organisation_id=base.organisation_id,
        source=Subject(SOURCE, f"{base.code}.{event.id}"),
        fields=_fields(base),
        body=issuing.responsible_body(KIND, base.region_code),
        by=None,
        at=event.at,
    )


def _base_of(event: Event) -> TrainingBase:
    return session.scalars(select(TrainingBase).where(TrainingBase.code == event.subject_code)).one()


def _fields(base: TrainingBase) -> JsonObject:
    names = [name for level, name in LEVELS.items() if level in base.levels]
    levels = {"zh": "、".join(one.zh for one in names), "en": ", ".join(one.en or one.zh for one in names)}
    entries = [
        _entry("address", "培训地址", "Address", f"{base.address_zh} / {base.address_en}"[:200]),
        _entry("places", "每班人数上限", "Places per cohort", str(base.capacity)),
    ]
    if base.organisation.credit_code:
        entries.insert(
            0, _entry("code", "统一社会信用代码", "Unified social credit code", base.organisation.credit_code)
        )
    return {
        "valid_from": str(base.accredited_on),
        "valid_until": str(base.accredited_until),
        "words": {"levels": levels},
        "entries": entries,
    }


def _entry(key: str, zh: str, en: str, value: str) -> JsonObject:
    return {"key": key, "label": {"zh": zh, "en": en}, "value": value}


def take_back(event: Event) -> None:
    """Take back what was certified of a base that leaves, with the cause, in the transaction of the decision."""
    base = _base_of(event)
    for request in issuing.requests_for_organisation(KIND, base.organisation_id):
        credentials.withdraw(request, reason=RevocationReason.ACCREDITATION_ENDED, note=event.reason or "", at=event.at)


def replace_earlier(event: Event) -> None:
    """Take back the certificate of an earlier period as soon as that of the new one is issued."""
    if event.data["kind"] != KIND or event.data["source_type"] != SOURCE:
        return
    newest = issuing.request_for(KIND, Subject(SOURCE, event.data["source_code"]))
    if newest is None or newest.organisation_id is None:
        return
    for request in issuing.requests_for_organisation(KIND, newest.organisation_id):
        if request.id < newest.id:
            credentials.withdraw(request, reason=RevocationReason.SUPERSEDED, at=event.at)


CERTIFICATES = (
    *(
        Subscriber(f"bases.{kind}", "bases.ask_for_certificate", ask_for_certificate)
        for kind in ("accredited", "renewed", "restored")
    ),
    Subscriber("bases.exited", "bases.take_back_certificate", take_back, now=True),
    Subscriber("credentials.published", "bases.replace_certificate", replace_earlier, now=True),
)
