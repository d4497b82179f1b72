"""Schemes and verdicts in words."""

from dataclasses import replace
from typing import Any

from app.assessment.titles.rules import DECLARED, REASONS, VOTE_FACTS, TitleScheme, head_sentences
from app.assessment.titles.states import EVIDENCE, OBJECTION
from app.core.errors import Text
from app.core.text import _, _l
from app.rulebook import queries as rulebook
from app.rulebook.facts import Catalogued
from app.rulebook.phrases import Phrases
from app.rulebook.verdicts import Line, Verdict

REASON_TEXTS: dict[str, Text] = {
    OBJECTION: _l("An objection raised in the publicity period was upheld."),
    EVIDENCE: _l("A record that the application relies on was withdrawn."),
}


def sentences(params: TitleScheme) -> list[Text]:
    """Say a scheme in plain sentences, its conditions among them."""
    return [*head_sentences(params), *Phrases(rulebook.catalogue()).sentences(params.tree)]


def phrases() -> Phrases:
    """Return the words for verdicts on applications."""
    own = {one.name: Catalogued(one, "titles", "person", given=True) for one in VOTE_FACTS}
    return Phrases({**rulebook.catalogue(), **own}, REASONS)


def shown(verdict: Verdict, title: str, words: Phrases) -> dict[str, Any]:
    """Return a verdict as `rulebook/verdict.html` takes it; what the applicant declared is marked as such."""
    marked = replace(verdict, lines=tuple(_marked(one) for one in verdict.lines))
    return words.shown(marked, title)


def _marked(line: Line) -> Line:
    evidence = str(_("declared by the applicant")) if line.evidence == DECLARED else line.evidence
    return replace(line, evidence=evidence, lines=tuple(_marked(one) for one in line.lines))


def reason_text(reason: str | None) -> Text | None:
    """Return a reason as people read it: a code in words, what an officer wrote as it is."""
    return REASON_TEXTS.get(reason or "", reason)
