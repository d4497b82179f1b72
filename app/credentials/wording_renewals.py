"""Packs of the kind `renewal` in plain sentences, and their verdicts as pages show them."""

from app.core.errors import Text
from app.core.text import _, _l
from app.credentials.rules.renewal_packs import REASONS, RenewalParams, RenewalTerms
from app.credentials.wording import KINDS
from app.rulebook.queries import LevelWords
from app.rulebook.verdicts import Verdict, rendered


def sentences(params: RenewalParams) -> list[Text]:
    """Say a pack of the kind `renewal` in plain sentences."""
    named = LevelWords()
    return [_said(one, named) for one in params.certificates]


def _said(terms: RenewalTerms, named: LevelWords) -> Text:
    return _l(
        "%(what)s: renewed up to %(days)s days after the end; %(hours)s.",
        what=_What(terms, named),
        days=terms.closes_days_after,
        hours=_l("%(hours)s class hours in the period are needed", hours=f"{terms.class_hours.normalize():f}")
        if terms.class_hours is not None
        else _l("no class hours are needed"),
    )


class _What:
    """A kind and its levels, put into words when they are shown."""

    def __init__(self, terms: RenewalTerms, named: LevelWords) -> None:
        self.terms = terms
        self.named = named

    def __str__(self) -> str:
        names = [self.named[one] for one in self.terms.levels]
        return " · ".join([str(KINDS[self.terms.kind]), *names])


def shown(verdict: Verdict) -> dict[str, object]:
    """Return the verdict on a renewal line by line, as `ui.verdict` shows it."""
    return {
        "state": "met" if verdict.met else "not",
        "title": _("The conditions of the renewal are met")
        if verdict.met
        else _("A condition of the renewal is not met"),
        "lines": [{**line, "state": line["outcome"]} for line in rendered(verdict, REASONS)],
    }
