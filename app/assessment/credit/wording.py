"""How a rating reads on pages: what each line brought to the score, and why."""

from decimal import Decimal
from typing import Any

from app.assessment.credit.rules.rating import REASONS
from app.core.errors import Text
from app.core.text import _l, pick
from app.rulebook import queries as rulebook
from app.rulebook.phrases import Phrases
from app.rulebook.verdicts import Line, Outcome, Verdict

SCORED: dict[str, Text] = REASONS | {
    "credit.deduction": _l("%(points)s points off for each %(unit)s of “%(fact)s”, at most %(most)s"),
    "credit.bonus": _l("%(points)s points for each %(unit)s of “%(fact)s”, at most %(most)s"),
}
BROUGHT = {"credit.base": "points", "credit.deduction": "earned", "credit.bonus": "earned", "credit.total": "score"}


def verdict_shown(verdict: Verdict, title: Text) -> dict[str, Any]:
    """Return a rating as `ui.verdict` takes it: a sum, each line with what it brought."""
    words = Phrases(rulebook.catalogue())
    source = pick(verdict.source_zh, verdict.source_en)
    lines = [
        {
            "text": _text(line, words),
            "state": line.outcome.value,
            "points": _brought(line),
            "evidence": words.value(line.params["fact"], line.params["got"]) if "got" in line.params else line.evidence,
            "rule": line.rule,
            "source": line.source or source,
        }
        for line in verdict.lines
    ]
    return {"state": verdict.outcome.value, "title": title, "scores": True, "lines": lines}


def _text(line: Line, words: Phrases) -> str:
    params = dict(line.params)
    if "fact" in params:
        params["fact"] = words.label(params["fact"])
        params["points"] = params["points"].removeprefix("-")
    said = str(SCORED[line.reason]) % params
    return f"{pick(line.name_zh, line.name_en)} · {said}" if line.name_zh else said


def _brought(line: Line) -> str:
    """Say what a line brought to the score; what is not known brought nothing and is marked so."""
    if line.outcome is Outcome.UNKNOWN:
        return ""
    brought = Decimal(line.params[BROUGHT[line.reason]])
    signed = f"{brought:+f}" if brought and line.reason != "credit.total" else f"{brought:f}"
    return signed.replace("-", "\N{MINUS SIGN}")
