"""What a decision on entry to an exam sees, as typed facts, and its judge: so it can be tested and replayed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from app.assessment.exams.rules.eligibility import Facts, Source, eligibility
from app.assessment.exams.rules.parameters import ExamRule
from app.core.text import _l
from app.rulebook.facts import Fact, FactKind, FactType, Value
from app.rulebook.facts import Facts as TypedFacts
from app.rulebook.kinds import Binding, known, needed
from app.rulebook.verdicts import Verdict

RECORDED = _l("as recorded when the candidate is registered")
MODULE = _l("module code")
HOURS, REQUIRED = "entry.hours", "entry.required"

KINDS = (
    FactKind("entry.level", _l("Level of the exam"), FactType.TEXT, RECORDED),
    FactKind("entry.sits_on", _l("Day of the exam"), FactType.DATE, RECORDED),
    FactKind("entry.completed_on", _l("Day the course was completed"), FactType.DATE, RECORDED),
    FactKind(HOURS, _l("Class hours collected in “%(parameter)s”"), FactType.DECIMAL, RECORDED, parameter=MODULE),
    FactKind(REQUIRED, _l("Class hours required in “%(parameter)s”"), FactType.DECIMAL, RECORDED, parameter=MODULE),
    FactKind("entry.last_sat_on", _l("Day of the last exam"), FactType.DATE, RECORDED),
    FactKind("entry.passed_before", _l("Level passed before"), FactType.FLAG, RECORDED),
    FactKind("entry.registered_elsewhere", _l("Other open session registered for"), FactType.TEXT, RECORDED),
)


def typed(facts: Facts, level: str) -> dict[str, Fact]:
    """Return the facts of a candidate as a decision stores them; what is None is left out."""
    values: Mapping[str, Value | None] = {
        "entry.level": level,
        "entry.sits_on": facts.sits_on,
        "entry.completed_on": facts.completed_on,
        "entry.last_sat_on": facts.last_sat_on,
        "entry.passed_before": facts.passed_before,
        "entry.registered_elsewhere": facts.registered_elsewhere,
        **{f"{HOURS}[{module}]": hours for module, hours in facts.hours.items()},
        **{f"{REQUIRED}[{module}]": hours for module, hours in facts.required.items()},
    }
    return {name: Fact(value) for name, value in values.items() if value is not None}


def untyped(facts: TypedFacts, on: date) -> Facts:
    """Return the facts of a candidate from those a decision stored; without a day of the exam it is the day judged."""
    return Facts(
        sits_on=known(facts, "entry.sits_on") or on,
        completed_on=known(facts, "entry.completed_on"),
        hours=_by_module(facts, HOURS),
        required=_by_module(facts, REQUIRED),
        last_sat_on=known(facts, "entry.last_sat_on"),
        passed_before=bool(known(facts, "entry.passed_before")),
        registered_elsewhere=known(facts, "entry.registered_elsewhere"),
    )


def _by_module(facts: TypedFacts, name: str) -> dict[str, Decimal]:
    start = f"{name}["
    return {
        full[len(start) : -1]: fact.value
        for full, fact in facts.items()
        if full.startswith(start) and isinstance(fact.value, Decimal)
    }


def judge(params: ExamRule, facts: TypedFacts, on: date, binding: Binding) -> Verdict:
    """Judge typed facts under a pack of the kind `exam`; raises InvalidError where it is silent about the level."""
    rule = params.of(str(needed(facts, "entry.level")))
    source = Source(binding.pack, binding.tag, binding.source_zh, binding.source_en)
    return eligibility(rule, untyped(facts, on), source)
