"""How the lines of a verdict read on pages: each with its name, its dimension and words for grades."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.core.text import _, pick
from app.performance.rules.indicators import BONUS, FULL, GRADE, HUNDREDTH, POINTS, REASONS, REPORTED, Appraisal
from app.performance.states import DIMENSION_LABELS, GRADE_LABELS, Grade
from app.rulebook import queries as rulebook
from app.rulebook.facts import Catalogue, label_of
from app.rulebook.verdicts import Line, Verdict

GRADED = ("cap", "grade")


def shown_lines(stored: Mapping[str, Any], params: Appraisal) -> list[dict[str, str]]:
    """Return the lines of a stored verdict as the page shows them."""
    verdict = Verdict.from_json(stored)
    dimensions = {(one.name_zh, one.fact_name): one.dimension for one in params.indicators}
    known = {**rulebook.catalogue_of(rulebook.kind("appraisal"))}
    shown = []
    for line in verdict.lines:
        said = {key: str(GRADE_LABELS[Grade(one)]) if key in GRADED else one for key, one in line.params.items()}
        name = pick(line.name_zh, line.name_en)
        text = str(REASONS[line.reason]) % said
        dimension = dimensions.get((line.name_zh, line.evidence))
        shown.append(
            {
                "state": line.outcome.value,
                "text": f"{name}: {text}" if name else text,
                "evidence": _evidence(line, name, known),
                "rule": line.rule,
                "source": line.source or pick(verdict.source_zh, verdict.source_en),
                "dimension": str(DIMENSION_LABELS[dimension]) if dimension else "",
                "points": _points(line),
            }
        )
    return shown


def _points(line: Line) -> str:
    """Say what a line brought of what it could bring; what gives no points is met or not, and says nothing here."""
    said = line.params
    if line.reason == POINTS:
        gained, most = said["gained"], f"{(FULL * Decimal(said['weight'])).quantize(HUNDREDTH):f}"
    elif line.reason == BONUS:
        gained, most = said["points"], said["most"]
    elif line.reason == GRADE:
        gained, most = said["score"], said["most"]
    else:
        return ""
    return str(_("%(gained)s of %(most)s points", gained=gained, most=most))


def _evidence(line: Line, name: str, known: Catalogue) -> str:
    """Name the fact of a line, and the record that its value was read from where the fact names one."""
    if not line.evidence:
        return ""
    # What the base reports has the name of its indicator, not a code that the rule pack gave it
    own = line.evidence.startswith(REPORTED) and REPORTED in known
    label = str(known[REPORTED].kind.label) % {"parameter": name} if own else label_of(line.evidence, known)
    origin = line.params.get("origin")
    return _("%(fact)s, from %(record)s", fact=label, record=origin) if origin else str(label)
