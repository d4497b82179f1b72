"""What several pages of the rulebook put into words: phrases of a kind, test cases, who may act."""

from dataclasses import replace
from typing import Any

from flask import current_app

from app.core.access import Actor
from app.core.text import _, pick
from app.desk.queries import Happened, timeline_entries
from app.rulebook import queries, services
from app.rulebook.access import may_see_drafts
from app.rulebook.facts import Catalogue, label_of, read_value, split, written
from app.rulebook.kinds import RuleKind
from app.rulebook.models import RulePack
from app.rulebook.phrases import Phrases
from app.rulebook.rules.cases import CaseResult
from app.rulebook.verdicts import Outcome


def pack_name(code: str) -> str:
    """Return what a pinned pack is called, asked once a process: it never changes; what is no pack's code stays."""
    known: dict[str, tuple[str, str]] = current_app.extensions.setdefault("rulebook_names", {})
    named = known.get(code) or queries.name_of(code)
    if named is None:
        return code
    known[code] = named
    return pick(*named)


def phrases_of(kind: RuleKind) -> Phrases:
    """Return the words for verdicts of a kind."""
    return Phrases(queries.catalogue_of(kind), kind.reasons)


def outcome_words() -> dict[str, str]:
    """Return the outcomes in words."""
    return {
        Outcome.MET: _("Met"),
        Outcome.NEAR: _("Near"),
        Outcome.NOT_MET: _("Not met"),
        Outcome.UNKNOWN: _("Unknown"),
    }


def cases_shown(results: list[CaseResult], phrases: Phrases) -> list[dict[str, Any]]:
    """Return test cases as the page shows them: facts in, expected and got."""
    return [
        {
            "name": result.name,
            "on": result.case.on,
            "facts": facts_shown(result.case.facts, phrases),
            "expected": result.case.expected.value,
            "got": result.verdict.outcome.value,
            "passed": result.passed,
            "lines": phrases.lines(result.verdict),
            "wanted": [one.value for one in result.case.lines],
        }
        for result in results
    ]


def facts_shown(facts: dict[str, Any], phrases: Phrases) -> list[tuple[str, str]]:
    """Return facts of a case as pairs of label and value with its unit."""
    return [(label_of(name, phrases.catalogue), _shown(name, given, phrases)) for name, given in facts.items()]


def _shown(name: str, given: object, phrases: Phrases) -> str:
    kind = phrases.kind(name)
    return str(given) if kind is None else phrases.value(name, written(read_value(kind, given)))


def entries_of(found: RulePack, actor: Actor | None) -> list[Happened]:
    """Return the timeline; the public reads what was done and why, not by which official."""
    entries = timeline_entries(services.subject(found))
    return entries if may_see_drafts(actor) else [replace(entry, who="") for entry in entries]


def facts_by_title(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the catalogue in groups, as the rooms that give the facts call them."""
    groups: dict[str, list[Any]] = {}
    for one in catalogue.values():
        groups.setdefault(str(one.title), []).append(one)
    return [{"title": title, "facts": facts} for title, facts in groups.items()]


def name_shown(name: str, parameter: object) -> str:
    """Return the name of a fact with what stands in its brackets."""
    return f"{split(name)[0]}[{parameter}]" if parameter else name
