"""Criteria and their verdicts in words, in the reader's language."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.errors import Text
from app.core.text import _, _l, pick
from app.rulebook.facts import Catalogue, FactKind, FactType, label_of, split
from app.rulebook.rules.criteria import Node
from app.rulebook.rules.evaluating import evaluate
from app.rulebook.rules.needs import Either, Gap, Need, needs
from app.rulebook.verdicts import Line, Outcome, Verdict
from app.web.formats import day, decimal, wan

TEXTS: Mapping[str, Text] = {
    "rulebook.undecided": _l("The pack sets nothing for this case, or a fact it needs is missing"),
    "criteria.all": _l("All of these conditions hold"),
    "criteria.any": _l("At least one of these conditions holds"),
    "criteria.at_least": _l("At least %(n)s of these %(total)s conditions hold"),
    "criteria.none": _l("None of these holds"),
    "criteria.exclusion": _l("Excluded is whom one of these fits"),
    "criteria.number.at_least": _l("%(fact)s: at least %(value)s"),
    "criteria.number.more_than": _l("%(fact)s: more than %(value)s"),
    "criteria.number.at_most": _l("%(fact)s: at most %(value)s"),
    "criteria.number.less_than": _l("%(fact)s: less than %(value)s"),
    "criteria.number.equals": _l("%(fact)s: exactly %(value)s"),
    "criteria.day.not_before": _l("%(fact)s: on %(value)s or later"),
    "criteria.day.not_after": _l("%(fact)s: on %(value)s or earlier"),
    "criteria.choice": _l("%(fact)s: %(value)s"),
    "criteria.flag.yes": _l("%(fact)s: yes"),
    "criteria.flag.no": _l("%(fact)s: no"),
    "criteria.years": _l("%(fact)s: at least %(value)s full years ago"),
    "criteria.points": _l("Points reached: at least %(value)s"),
    "criteria.row": _l("%(points)s points where this holds"),
    "criteria.each": _l("%(points)s points for each unit of: %(fact)s"),
}
MOST: Text = _l("%(text)s, at most %(most)s points")
GROUPS = frozenset({"criteria.all", "criteria.any", "criteria.at_least", "criteria.none", "criteria.exclusion"})
NEGATIVE = frozenset({"criteria.none", "criteria.exclusion"})
ALTERNATIVE = frozenset({"criteria.any", "criteria.at_least"})
EXCLUDING = {Outcome.MET: "present", Outcome.NEAR: "absent", Outcome.NOT_MET: "absent"}
"""How a condition is marked that excludes whom it fits."""
TODAY = date(2000, 1, 1)
"""Any day: the sentences of a tree do not depend on it."""


class Phrases:
    """Words for the lines of criteria, with the labels and units of the catalogued facts."""

    def __init__(self, catalogue: Catalogue, texts: Mapping[str, Text] | None = None) -> None:
        self.catalogue = catalogue
        self.texts = {**TEXTS, **(texts or {})}

    def kind(self, name: str) -> FactKind | None:
        """Return the declared kind of a fact, None where it is no longer declared."""
        found = self.catalogue.get(split(name)[0])
        return found.kind if found else None

    def label(self, name: str) -> str:
        """Return what a fact is called; its name as written where it is no fact's name."""
        try:
            return label_of(name, self.catalogue)
        except ValueError:
            return name

    def value(self, name: str, stored: str) -> str:
        """Write a stored value of a fact with its unit."""
        kind = self.kind(name)
        if kind is None:
            return stored
        if kind.type is FactType.MONEY:
            return wan(Decimal(stored))
        if kind.type is FactType.DATE:
            return day(date.fromisoformat(stored))
        if kind.type is FactType.FLAG:
            return str(_("yes") if stored == "true" else _("no"))
        if kind.type in {FactType.CHOICE, FactType.TEXT}:
            return str(_(" or ")).join(str(kind.choices.get(word, word)) for word in stored.split(","))
        number = decimal(Decimal(stored))
        return _("%(number)s %(unit)s", number=number, unit=kind.unit) if str(kind.unit) else number

    def text(self, line: Line) -> str:
        """Say a condition: the name people gave it, else its sentence."""
        return pick(line.name_zh, line.name_en) if line.name_zh else self.sentence(line)

    def sentence(self, line: Line) -> str:
        """Say what a condition asks for."""
        params: dict[str, str] = dict(line.params)
        name = params.get("fact", "")
        if name:
            params["fact"] = label_of(name, self.catalogue)
        if "value" in params and name and line.reason != "criteria.years":
            params["value"] = self.value(name, params["value"])
        said = str(self.texts.get(line.reason, line.reason)) % params
        return str(MOST) % {"text": said, "most": params["most"]} if "most" in params else said

    def evidence(self, line: Line) -> str:
        """Say what was seen: the value, since when, and the record it was read from."""
        if "fact" not in line.params:
            return _("%(got)s points", got=line.params["got"]) if "got" in line.params else line.evidence
        seen = line.params.get("units", line.params.get("got"))
        if seen is None or (line.reason == "criteria.each" and "units" not in line.params):
            return ""
        parts = [self.value(line.params["fact"], seen)]
        if "since" in line.params:
            parts.append(_("since %(day)s", day=day(date.fromisoformat(line.params["since"]))))
        if line.evidence:
            parts.append(line.evidence)
        return str(_(", ")).join(parts)

    # ---- what is missing

    def missing(self, verdict: Verdict) -> str:
        """Name the smallest set of what is missing; empty where the verdict is met."""
        need = needs(verdict.lines)
        return "" if need is None else self._need(need, top=True)

    def _need(self, need: Need, *, top: bool = False) -> str:
        if isinstance(need, Gap):
            return self._gap(need.line)
        parts = [self._need(part) for part in need.parts]
        if isinstance(need, Either):
            joined = _(" or ").join(parts)
            said = joined if need.count == 1 else _("%(count)s of: %(parts)s", count=need.count, parts=joined)
        else:
            said = _(" and ").join(parts)
        return str(said if top else _("(%(said)s)", said=said))

    def _gap(self, line: Line) -> str:
        fact = label_of(line.params["fact"], self.catalogue) if "fact" in line.params else ""
        if line.reason in NEGATIVE:
            held = [self.text(one) for one in line.lines if one.outcome in {Outcome.MET, Outcome.UNKNOWN}]
            doubt = line.outcome is Outcome.UNKNOWN
            said = _("; ").join(held)
            return str(
                _("proof that this does not hold: %(said)s", said=said) if doubt else _("not: %(said)s", said=said)
            )
        if line.outcome is Outcome.UNKNOWN and fact:
            return str(_("proof of “%(condition)s”", condition=self.text(line)))
        if line.reason == "criteria.points":
            return str(_("%(short)s more points", short=line.params["short"]))
        if "full_on" in line.params:
            day_ = day(date.fromisoformat(line.params["full_on"]))
            return str(_("%(fact)s: the years are full on %(day)s", fact=fact, day=day_))
        more = line.reason in {"criteria.number.at_least", "criteria.number.more_than"}
        if "short" in line.params and more and line.params["short"] != "0":
            return str(
                _("%(fact)s: %(short)s more", fact=fact, short=self.value(line.params["fact"], line.params["short"]))
            )
        return self.text(line)

    # ---- pages

    def sentences(self, tree: Node) -> list[str]:
        """Say a tree in plain sentences, numbered as they stand inside one another."""
        return self._numbered((evaluate(tree, {}, TODAY),), "")

    def _numbered(self, lines: Sequence[Line], before: str) -> list[str]:
        said = []
        for place, line in enumerate(lines, 1):
            number = f"{before}{place}"
            said.append(_("%(number)s. %(text)s", number=number, text=self.full(line)))
            said += self._numbered(line.lines, f"{number}.")
        return said

    def unnumbered(self, tree: Node) -> list[str]:
        """Say a tree in plain sentences, deeper ones further in."""
        return list(self._indented(evaluate(tree, {}, TODAY), 0))

    def _indented(self, line: Line, depth: int) -> Iterator[str]:
        yield f"{'– ' * depth}{self.full(line)}"
        for one in line.lines:
            yield from self._indented(one, depth + 1)

    def full(self, line: Line) -> str:
        """Say a condition with both its name and its sentence, and whether it counts."""
        text = self.sentence(line)
        if line.name_zh:
            text = _("%(name)s: %(sentence)s", name=pick(line.name_zh, line.name_en), sentence=text)
        return _("%(text)s (optional, decides nothing)", text=text) if line.optional else text

    def lines(self, verdict: Verdict) -> list[dict[str, Any]]:
        """Return the lines of a verdict as the macro takes them, nested."""
        source = pick(verdict.source_zh, verdict.source_en)
        return [self._line(line, source, spare=line.optional) for line in verdict.lines]

    def _line(self, line: Line, source: str, *, spare: bool, excludes: bool = False) -> dict[str, Any]:
        """Return a line; nothing hangs on a `spare` one, such as an alternative to what is met."""
        spared = spare or (line.reason in ALTERNATIVE and line.outcome is Outcome.MET)
        negative = line.reason in NEGATIVE
        return {
            "mark": EXCLUDING.get(line.outcome, line.outcome.value) if excludes else line.outcome.value,
            "calm": spare and line.outcome is not Outcome.MET,
            "text": self.text(line),
            "detail": self.sentence(line) if line.name_zh and line.reason not in GROUPS else "",
            "state": line.outcome.value,
            "outcome": line.outcome.value,
            "optional": line.optional,
            "evidence": self.evidence(line),
            "rule": line.rule,
            "source": line.source or source,
            "lines": [self._line(one, source, spare=spared, excludes=negative) for one in line.lines],
        }

    def shown(self, verdict: Verdict, title: Text) -> dict[str, Any]:
        """Return a verdict as the macros `ui.verdict` and `rulebook/verdict.html` take it."""
        return {
            "state": verdict.outcome.value,
            "title": title,
            "missing": self.missing(verdict),
            "source": pick(verdict.source_zh, verdict.source_en),
            "rule": verdict.pack,
            "tag": verdict.tag,
            "lines": self.lines(verdict),
        }
