"""Credit reports: a certificate of one's latest rating, asked for by oneself, taken back when it proves wrong."""

# zh: what is certified stands in both languages

from datetime import date, datetime

from app.accounts.models import Person
from app.assessment.credit.models import CreditRating
from app.assessment.credit.queries import ratings as queries
from app.core import events
from app.core.access import Actor
from app.core.clock import SHANGHAI, day_of
from app.core.columns import JsonObject
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Subject
from app.core.text import _l
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.models import CertificateRequest
from app.credentials.states import CertificateKind, CertificateState, RevocationReason

KIND = CertificateKind.CREDIT_REPORT
SOURCE = "credit_report"


def ask_for_report(rating: CreditRating, *, by: Actor, at: datetime) -> CertificateRequest:
    """Ask for a credit report on one's latest rating; while one waits or is valid, the same comes back.

    Raises ForbiddenError for anybody else, ConflictError where a later rating replaced it.
    """
    if by.person_id != rating.person_id:
        raise ForbiddenError(_l("Only the person themselves asks for their credit report."))
    latest = queries.latest(by.person_id)
    if latest is None or latest.id != rating.id:
        raise ConflictError(_l("You were rated again meanwhile. Reload the page and ask for a report on that rating."))
    standing = standing_report(rating, at=at)
    if standing is not None:
        return standing
    made = credentials.request_certificate(
        kind=KIND,
        person_id=rating.person_id,
        source=Subject(SOURCE, f"{rating.code}.{at:%Y%m%d%H%M%S}"),
        fields=_fields(rating, day_of(at)),
        body=issuing.responsible_body(KIND, rating.region_code),
        by=by,
        at=at,
    )
    data = {"request": made.code}
    events.record("credit.report_asked", Subject("credit_result", rating.code), by=by, at=at, data=data)
    return made


def standing_report(rating: CreditRating, *, at: datetime) -> CertificateRequest | None:
    """Return the report on a rating that waits to be issued or is valid, None where there is none."""
    for one, found in issuing.requests_with_certificates(KIND, SOURCE, rating.person_id):
        if one.withdrawn_at is not None or not one.source_code.startswith(f"{rating.code}."):
            continue
        if found is None or not (found.state is CertificateState.REVOKED or found.expired(at)):
            return one
    return None


def _fields(rating: CreditRating, first: date) -> JsonObject:
    judged = rating.judged_on
    known = rating.known_at.astimezone(SHANGHAI)
    return {
        "valid_from": str(first),
        "words": {
            "day": {"zh": f"{judged.year}年{judged.month}月{judged.day}日", "en": f"{judged:%d %B %Y}".lstrip("0")}
        },
        "entries": [
            _entry("grade", ("信用等级", "Credit grade"), rating.grade, "LetterGrade"),
            _entry("score", ("信用分", "Credit score"), f"{rating.score.normalize():f}", "RawScore"),
            _entry("judged-on", ("评价日", "Rated for the day"), judged.isoformat()),
            _entry("known-at", ("记录截止时间", "As known at"), f"{known:%Y-%m-%d %H:%M}"),
            _entry("rules", ("评价规则", "Rule pack"), rating.pack),
        ],
    }


def _entry(key: str, label: tuple[str, str], value: str, kind: str = "Result") -> JsonObject:
    return {"key": key, "label": {"zh": label[0], "en": label[1]}, "value": value, "kind": kind}


def take_back_reports(person: Person, *, note: str, at: datetime) -> int:
    """Take back every report of a person whose records or rating proved wrong; return how many those were."""
    standing = [one for one in issuing.requests_from(KIND, SOURCE, person.id) if one.withdrawn_at is None]
    for one in standing:
        credentials.withdraw(one, reason=RevocationReason.FACT_CORRECTED, note=note, at=at)
    return len(standing)
