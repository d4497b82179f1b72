"""What the decision on an award sees, as typed facts, and its judge: so it can be tested and replayed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from app.assessment.certification.rules import AwardParams, Facts, consider
from app.core.text import _l
from app.rulebook.facts import Fact, FactKind, FactType, Value
from app.rulebook.facts import Facts as TypedFacts
from app.rulebook.kinds import Binding, known, needed
from app.rulebook.verdicts import Verdict

RECORDED = _l("as recorded when the award is considered")
SCORES = ("score", "max_score", "cut_score")

KINDS = (
    FactKind("award.level", _l("Level considered"), FactType.TEXT, RECORDED),
    FactKind("award.trained_in", _l("Cohort of the training"), FactType.TEXT, RECORDED),
    FactKind("award.completed_on", _l("Day the training was completed"), FactType.DATE, RECORDED),
    FactKind("award.session_code", _l("Number of the admission ticket"), FactType.TEXT, RECORDED),
    FactKind("award.score", _l("Score of the exam"), FactType.DECIMAL, RECORDED, unit=_l("points")),
    FactKind("award.max_score", _l("Highest possible score"), FactType.DECIMAL, RECORDED, unit=_l("points")),
    FactKind("award.cut_score", _l("Cut score"), FactType.DECIMAL, RECORDED, unit=_l("points")),
    FactKind("award.released_on", _l("Day the result was released"), FactType.DATE, RECORDED),
    FactKind("award.voided", _l("Result voided"), FactType.FLAG, RECORDED),
    FactKind("award.held", _l("Unified number of the level held already"), FactType.TEXT, RECORDED),
)


def typed(facts: Facts, level: str) -> dict[str, Fact]:
    """Return the facts of a candidate as a decision stores them; what is None is left out."""
    values: Mapping[str, Value | None] = {
        "level": level,
        "trained_in": facts.trained_in,
        "completed_on": facts.completed_on,
        "session_code": facts.session_code,
        "score": facts.score,
        "max_score": facts.max_score,
        "cut_score": facts.cut_score,
        "released_on": facts.released_on,
        "voided": facts.voided,
        "held": facts.held,
    }
    return {f"award.{name}": Fact(value) for name, value in values.items() if value is not None}


def untyped(facts: TypedFacts) -> Facts:
    """Return the facts of a candidate from those a decision stored; raises InvalidError for one that is needed."""
    score, best, cut = (Decimal(str(needed(facts, f"award.{name}"))) for name in SCORES)
    return Facts(
        trained_in=known(facts, "award.trained_in"),
        completed_on=known(facts, "award.completed_on"),
        session_code=known(facts, "award.session_code") or "",
        score=score,
        max_score=best,
        cut_score=cut,
        released_on=known(facts, "award.released_on") or date.min,
        voided=bool(known(facts, "award.voided")),
        held=known(facts, "award.held"),
    )


def judge(params: AwardParams, facts: TypedFacts, on: date, binding: Binding) -> Verdict:
    """Judge typed facts under a pack of the kind `award`; raises InvalidError where it is silent about the level."""
    level = params.level(str(needed(facts, "award.level")))
    return consider(untyped(facts), level, on=on, pack=binding.pack, tag=binding.tag)
