"""Whether and for which period a certificate is renewed now: by its template, and by the rule pack in force."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

from app.accounts.models import Organisation
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import InvalidError, Text
from app.core.text import _l
from app.credentials.models import Certificate
from app.credentials.queries.templates import terms_of
from app.credentials.rules import renewal_packs
from app.credentials.rules.renewal import NOT_AFTER, Period, RenewalError, renewed_period
from app.credentials.rules.renewal_packs import RenewalParams, RenewalTerms
from app.credentials.rules.templates import Terms
from app.credentials.services.issuing import subject
from app.rulebook import queries as rulebook
from app.rulebook import services as rulebook_services
from app.rulebook.facts import Fact
from app.rulebook.models import RulePack
from app.rulebook.services import Decided
from app.rulebook.verdicts import Verdict
from app.web.formats import day

REFUSALS: dict[str, Text] = {
    "not-renewed": _l("Certificates of this kind are not renewed."),
    "no-end": _l("The certificate has no end, so there is nothing to renew."),
    "too-early": _l("It can be renewed from %(on)s on."),
    "too-late": _l("It could be renewed until %(on)s. The level is awarded anew."),
}


@dataclass(frozen=True, slots=True)
class Considered:
    """What a renewal asked for now comes to: the verdict of the pack where one is in force, the period or why not."""

    decided: Decided | None
    period: Period | None
    refusal: InvalidError | None

    @property
    def verdict(self) -> Verdict | None:
        """Return the verdict, None where no pack says anything of the certificate."""
        return self.decided.verdict if self.decided else None

    def granted(self) -> Period:
        """Return the period; raises InvalidError that says from when or until when, or which condition is not met."""
        if self.refusal is not None:
            raise self.refusal
        if self.period is None or (self.verdict is not None and not self.verdict.met):
            raise InvalidError(
                _l("A condition of the renewal is not met. The page of the certificate says of each what is missing."),
                code="condition",
            )
        return self.period


def consider(certificate: Certificate, at: datetime) -> Considered:
    """Consider a renewal asked for now, line by line; nothing is written."""
    today, terms = day_of(at), terms_of(certificate.kind, certificate.level)
    last = _day(certificate.fields.get("valid_until"))
    region = session.get_one(Organisation, certificate.body.organisation_id).region_code
    pack, demanded = _demanded(certificate, region, today)
    decided = None
    if pack is not None and last is not None and terms.may_renew:
        wanted = demanded is not None and demanded.class_hours is not None
        facts = _facts(certificate, last, terms, hours=_hours(certificate, at) if wanted else None)
        verdict = renewal_packs.judge(_params(pack), facts, today, rulebook.binding(pack))
        decided = Decided(subject(certificate), facts, verdict, today, region, certificate.person_id)
    try:
        period = renewed_period(terms, last, today, **_window(demanded))
    except RenewalError as error:
        sentence: Text = REFUSALS[error.code]
        said = str(sentence) % {"on": day(error.on)} if error.on else sentence
        return Considered(decided, None, InvalidError(said, code=error.code))
    return Considered(decided, period, None)


def _window(demanded: RenewalTerms | None) -> dict[str, timedelta]:
    if demanded is None:
        return {"closes_after": NOT_AFTER}
    closes = {"closes_after": timedelta(days=demanded.closes_days_after)}
    before = demanded.opens_days_before
    return closes if before is None else {**closes, "opens_before": timedelta(days=before)}


def _params(pack: RulePack) -> RenewalParams:
    return cast("RenewalParams", rulebook.params(pack))


def _demanded(certificate: Certificate, region: str, today: date) -> tuple[RulePack, RenewalTerms] | tuple[None, None]:
    """Return the pack that binds the body and what it demands of the certificate; nothing where none says anything."""
    try:
        pack = rulebook.in_force(renewal_packs.KIND, region, today)
    except InvalidError:
        return None, None
    found = _params(pack).of(certificate.kind, certificate.level)
    return (None, None) if found is None else (pack, found)


def _facts(certificate: Certificate, last: date, terms: Terms, *, hours: Decimal | None) -> dict[str, Fact]:
    values = {
        "kind": certificate.kind.value,
        "level": certificate.level,
        "first_day": _day(certificate.fields.get("valid_from")),
        "last_day": last,
        "opens_days": Decimal(terms.renew_from_days or 0),
        "hours": hours,
    }
    return {f"renewal.{name}": Fact(value) for name, value in values.items() if value is not None}


def _hours(certificate: Certificate, at: datetime) -> Decimal | None:
    """Return the class hours that the holder collected in the period, None where no room keeps them."""
    first = _day(certificate.fields.get("valid_from"))
    if certificate.person_id is None or first is None:
        return None
    name = f"hours.since[{first}]"
    found = rulebook.facts_of([certificate.person_id], frozenset({name}), on=day_of(at), known_at=at)
    fact = found[certificate.person_id].get(name)
    return cast("Decimal", fact.value) if fact is not None else None


def _day(given: str | None) -> date | None:
    return None if given is None else date.fromisoformat(given)


def record(considered: Considered, *, by: Actor, at: datetime) -> None:
    """Record the decision with what it saw, so that it can be explained and replayed; nothing without a pack."""
    if considered.decided is not None:
        rulebook_services.record_decision(renewal_packs.KIND, considered.decided, by=by, at=at)
