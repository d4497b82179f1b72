"""The certificate of an accreditation: asked for when a base is accredited, held while it is suspended, taken back.

What the authority decides of the base is true of its certificate in the same transaction; who else suspended the
certificate, for a reason of their own, still ends that themselves.
"""

# zh: what is certified stands in both languages

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from app.bases.models import TrainingBase
from app.bases.states import BaseState
from app.core.columns import JsonObject
from app.core.db import session
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.rules.certified import Certified, Fact
from app.credentials.rules.openbadge import Bilingual
from app.credentials.rules.templates import LEVELS, in_a_sentence
from app.credentials.states import CertificateKind, RevocationReason, SuspensionReason
from app.rulebook import queries as rulebook

KIND = CertificateKind.ACCREDITATION
SOURCE = "accreditation"
SUSPENDED, RESTORED = "bases.suspended", "bases.restored"
HELD_FOR = SuspensionReason.ACCREDITATION_SUSPENDED


def ask_for_certificate(event: Event) -> None:
    """Ask the authority's issuing body to certify the accreditation that an event brought, once an event.

    Nothing is asked where the base has left or was given another period meanwhile, or where the accreditation that an
    appeal restored is certified still: that certificate counts again. Raises UnavailableError where no body issues in
    the region yet: the event is then delivered again later.
    """
    base = _base_of(event)
    if base.state is not BaseState.ACCREDITED or base.decided_at != event.at:
        return
    if event.kind == RESTORED and issuing.requests_for_organisation(KIND, base.organisation_id):
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
    names = _names(base)
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


def _names(base: TrainingBase) -> list[Bilingual]:
    """Return what the levels of a base are called: by their national names, others as the nearest pack does last."""
    known = rulebook.names_of_levels(base.region_code)
    others = {code: Bilingual(names[-1].zh, names[-1].en) for code, names in known.items() if code not in LEVELS}
    named = LEVELS | {code: in_a_sentence(name) for code, name in others.items()}
    return [name for level, name in named.items() if level in base.levels]


def _entry(key: str, zh: str, en: str, value: str) -> JsonObject:
    return {"key": key, "label": {"zh": zh, "en": en}, "value": value}


def take_back(event: Event) -> None:
    """Take back what was certified of a base that leaves, with the cause, in the transaction of the decision."""
    base = _base_of(event)
    for request in issuing.requests_for_organisation(KIND, base.organisation_id):
        credentials.withdraw(
            request,
            reason=RevocationReason.ACCREDITATION_ENDED,
            note=event.reason or "",
            decision=event.code,
            at=event.at,
        )


def hold(event: Event) -> None:
    """Let what was certified of a base not count from the moment of its suspension, with the reason of the decision."""
    _hold(_base_of(event), event, at=event.at)


def _hold(base: TrainingBase, decision: Event, *, at: datetime) -> None:
    if base.decided_by_id is None:
        return
    for certificate in issuing.certificates_of_organisation(KIND, base.organisation_id):
        credentials.hold(
            certificate,
            reason=HELD_FOR,
            note=decision.reason or "",
            decision=decision.code,
            decided_by_id=base.decided_by_id,
            at=at,
        )


def hold_again(event: Event) -> None:
    """Hold what is issued or reinstated while the base is suspended: the decision on the base stands above it."""
    if (event.data.get("kind"), event.data.get("source_type")) != (KIND, SOURCE):
        return
    base = session.scalar(
        select(TrainingBase).where(
            TrainingBase.code == str(event.data["source_code"]).split(".", 1)[0],
            TrainingBase.state == BaseState.SUSPENDED,
        )
    )
    if base is not None:
        _hold(base, _suspended_by(base), at=event.at)


def _suspended_by(base: TrainingBase) -> Event:
    """Return the decision by which a base is suspended now."""
    query = select(Event).where(Event.kind == SUSPENDED, Event.subject_code == base.code)
    return session.scalars(query.order_by(Event.id.desc()).limit(1)).one()


def let_count_again(event: Event) -> None:
    """Let what was held count again with the base, whether the authority reinstated it or an appeal was upheld."""
    for certificate in issuing.certificates_of_organisation(KIND, _base_of(event).organisation_id):
        credentials.release(certificate, reason=HELD_FOR, note=event.reason or "", decision=event.code, at=event.at)


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


def _known(codes: Collection[str]) -> Mapping[str, Fact]:
    """Return whose accreditations those are; a base that is suspended is accredited still, and its certificate held."""
    bases = {code: code.split(".", 1)[0] for code in codes}
    query = select(TrainingBase.code, TrainingBase.organisation_id, TrainingBase.state)
    found = {
        code: Fact(organisation_id=organisation_id, stands=state in (BaseState.ACCREDITED, BaseState.SUSPENDED))
        for code, organisation_id, state in session.execute(query.where(TrainingBase.code.in_(set(bases.values()))))
    }
    return {code: found[base] for code, base in bases.items() if base in found}


CERTIFIED = Certified(SOURCE, KIND, _known)
CERTIFICATES = (
    *(
        Subscriber(f"bases.{kind}", "bases.ask_for_certificate", ask_for_certificate)
        for kind in ("accredited", "renewed", "restored")
    ),
    Subscriber(SUSPENDED, "bases.hold_certificate", hold, now=True),
    *(
        Subscriber(kind, "bases.let_certificate_count_again", let_count_again, now=True)
        for kind in ("bases.reinstated", RESTORED)
    ),
    Subscriber("bases.exited", "bases.take_back_certificate", take_back, now=True),
    Subscriber("credentials.published", "bases.replace_certificate", replace_earlier, now=True),
    *(
        Subscriber(f"credentials.{kind}", "bases.hold_certificate_again", hold_again, now=True)
        for kind in ("published", "reinstated")
    ),
)
