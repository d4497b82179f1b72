"""Who may register for an exam: facts and the rule pack in, a verdict with its reasons out."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from app.assessment.exams.rules.parameters import LevelRule
from app.core.errors import Text
from app.core.text import _l
from app.rulebook.verdicts import Line, Outcome, Verdict

REASONS: dict[str, Text] = {
    "exams.course_completed": _l("The course of this level is completed"),
    "exams.hours_met": _l("Class hours of every required module are met"),
    "exams.cool_off": _l("At least %(days)s days since the last exam"),
    "exams.not_passed_before": _l("This level has not been passed before"),
    "exams.not_registered": _l("Not registered for another open session of this level"),
    "exams.not_restricted": _l("No restriction from exams is in force"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a candidate on the day the session opens; hours by module."""

    sits_on: date
    completed_on: date | None = None
    hours: dict[str, Decimal] = field(default_factory=dict)
    required: dict[str, Decimal] = field(default_factory=dict)
    last_sat_on: date | None = None
    passed_before: bool = False
    registered_elsewhere: str | None = None
    restricted_by: str | None = None

    @property
    def missing_hours(self) -> dict[str, Decimal]:
        """Return the hours that each module still lacks."""
        gaps = {module: hours - self.hours.get(module, Decimal(0)) for module, hours in self.required.items()}
        return {module: gap for module, gap in gaps.items() if gap > 0}


@dataclass(frozen=True, slots=True)
class Source:
    """The pack that sets the conditions, and the title of the document behind it, as the verdict names them."""

    pack: str
    tag: str
    title_zh: str
    title_en: str


def eligibility(rule: LevelRule, facts: Facts, source: Source) -> Verdict:
    """Decide whether a person may register; every condition is a line with its evidence."""
    lines = [
        *([_completed(facts)] if rule.course_completed else []),
        *([_hours(facts)] if rule.hours_met else []),
        *([_cool_off(rule, facts)] if rule.cool_off_days else []),
        _not_passed(facts),
        _not_registered(facts),
        _not_restricted(facts),
    ]
    return _verdict(lines, source)


def practice(facts: Facts, source: Source) -> Verdict:
    """Decide whether a person may sit a rehearsal (演练), which is not counted: anyone may who is not restricted."""
    return _verdict([_not_restricted(facts)], source)


def _verdict(lines: list[Line], source: Source) -> Verdict:
    return Verdict(
        tuple(replace(line, rule=source.pack) for line in lines),
        pack=source.pack,
        tag=source.tag,
        source_zh=source.title_zh,
        source_en=source.title_en,
    )


def _met(*, met: bool) -> Outcome:
    return Outcome.MET if met else Outcome.NOT_MET


def _completed(facts: Facts) -> Line:
    day = facts.completed_on.isoformat() if facts.completed_on else ""
    return Line("exams.course_completed", _met(met=facts.completed_on is not None), evidence=day)


def _hours(facts: Facts) -> Line:
    """State the hours; near where at most a tenth is missing."""
    total = sum(facts.required.values(), Decimal(0))
    gap = sum(facts.missing_hours.values(), Decimal(0))
    outcome = Outcome.MET if gap == 0 else Outcome.NEAR if gap * 10 <= total else Outcome.NOT_MET
    return Line("exams.hours_met", outcome, evidence=f"{total - gap:.2f} / {total:.2f}")


def _cool_off(rule: LevelRule, facts: Facts) -> Line:
    last = facts.last_sat_on
    waited = last is None or (facts.sits_on - last).days >= rule.cool_off_days
    params = {"days": str(rule.cool_off_days)}
    return Line("exams.cool_off", _met(met=waited), params, evidence=last.isoformat() if last else "")


def _not_passed(facts: Facts) -> Line:
    return Line("exams.not_passed_before", _met(met=not facts.passed_before))


def _not_registered(facts: Facts) -> Line:
    return Line(
        "exams.not_registered",
        _met(met=facts.registered_elsewhere is None),
        evidence=facts.registered_elsewhere or "",
    )


def _not_restricted(facts: Facts) -> Line:
    """State that no restriction binds the candidate on the day of the exam; the decision is the evidence."""
    return Line("exams.not_restricted", _met(met=facts.restricted_by is None), evidence=facts.restricted_by or "")
