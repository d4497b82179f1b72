"""What an authority demands of a renewal beside the terms of the template: packs of the kind `renewal`."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import InvalidError, Text
from app.core.text import _l
from app.credentials.states import CertificateKind
from app.rulebook.facts import FactKind, Facts, FactType
from app.rulebook.kinds import Binding, Label, known, needed
from app.rulebook.verdicts import Line, Outcome, Verdict

KIND = "renewal"
RECORDED = _l("as recorded when the renewal is asked for")
REASONS: dict[str, Text] = {
    "opens": _l("It may be renewed from %(on)s on"),
    "closes": _l("It may be renewed until %(on)s"),
    "hours": _l("Continuing education since %(since)s: %(hours)s of %(needed)s class hours"),
}
FACTS = (
    FactKind("renewal.kind", _l("Kind of certificate"), FactType.TEXT, RECORDED),
    FactKind("renewal.level", _l("Level"), FactType.TEXT, RECORDED),
    FactKind("renewal.first_day", _l("First day of the period that ends"), FactType.DATE, RECORDED),
    FactKind("renewal.last_day", _l("Last day of the period that ends"), FactType.DATE, RECORDED),
    FactKind("renewal.opens_days", _l("Days before the end, by the template"), FactType.COUNT, RECORDED),
    FactKind(
        "renewal.hours", _l("Class hours since the first day"), FactType.DECIMAL, RECORDED, unit=_l("class hours")
    ),
)
"""What the renewal of a certificate sees."""


class RenewalTerms(BaseModel):
    """What is demanded of the renewal of a kind, of some of its levels or of all."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[CertificateKind, Label(_l("Kind of certificate"))]
    levels: Annotated[list[str], Label(_l("Levels"), _l("Codes such as junior; empty for every level."))] = Field(
        default_factory=list
    )
    opens_days_before: Annotated[
        int | None, Label(_l("Opens before the end"), _l("Empty: as the template says."), _l("days"))
    ] = Field(default=None, ge=1, le=1100)
    closes_days_after: Annotated[int, Label(_l("Closes after the end"), unit=_l("days"))] = Field(ge=0, le=3650)
    class_hours: Annotated[
        Decimal | None,
        Label(
            _l("Class hours of continuing education"), _l("In the period that ends. Empty: none."), _l("class hours")
        ),
    ] = Field(default=None, gt=0, le=10000)


class RenewalParams(BaseModel):
    """Parameters of a rule pack of the kind `renewal`."""

    model_config = ConfigDict(extra="forbid")

    certificates: Annotated[list[RenewalTerms], Label(_l("Certificates"))] = Field(min_length=1)

    def of(self, kind: CertificateKind | str, level: str | None) -> RenewalTerms | None:
        """Return what is demanded of a kind and level, None where the pack is silent; the first that fits counts."""
        fits = (one for one in self.certificates if one.kind == kind and (not one.levels or level in one.levels))
        return next(fits, None)


def judge(params: RenewalParams, facts: Facts, on: date, binding: Binding) -> Verdict:
    """Judge a renewal condition by condition; raises InvalidError where the pack is silent or a fact is missing."""
    terms = params.of(str(needed(facts, "renewal.kind")), known(facts, "renewal.level"))
    last, days = needed(facts, "renewal.last_day"), known(facts, "renewal.opens_days")
    if terms is None or not isinstance(last, date):
        raise InvalidError(_l("The rule pack sets nothing for this certificate. Its authority must add it."))
    before = terms.opens_days_before if terms.opens_days_before is not None else int(days or 0)
    opens, closes = last - timedelta(days=before), last + timedelta(days=terms.closes_days_after)
    lines = [
        Line("opens", _outcome(met=on >= opens), {"on": str(opens)}, rule=binding.pack),
        Line("closes", _outcome(met=on <= closes), {"on": str(closes)}, rule=binding.pack),
    ]
    if terms.class_hours is not None:
        lines.append(_hours(terms.class_hours, facts, binding))
    return Verdict(
        tuple(lines), pack=binding.pack, tag=binding.tag, source_zh=binding.source_zh, source_en=binding.source_en
    )


def _hours(wanted: Decimal, facts: Facts, binding: Binding) -> Line:
    hours = known(facts, "renewal.hours")
    params = {
        "since": str(known(facts, "renewal.first_day") or ""),
        "hours": "–" if hours is None else f"{hours.normalize():f}",
        "needed": f"{wanted.normalize():f}",
    }
    outcome = Outcome.UNKNOWN if hours is None else _outcome(met=hours >= wanted)
    return Line("hours", outcome, params, rule=binding.pack)


def _outcome(*, met: bool) -> Outcome:
    return Outcome.MET if met else Outcome.NOT_MET
