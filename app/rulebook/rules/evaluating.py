"""Evaluating criteria: a tree and facts in, lines that explain themselves out; pure and free of order."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.rulebook.facts import Fact, Facts, written
from app.rulebook.kinds import Binding
from app.rulebook.rules.criteria import (
    GROUPS,
    AllOf,
    AtLeast,
    Choice,
    Comparison,
    Day,
    Exclusion,
    Flag,
    Node,
    NoneOf,
    Number,
    Points,
    Row,
    Years,
)
from app.rulebook.verdicts import Line, Outcome, Verdict

ZERO = Decimal(0)
MONTHS = 12
LOST = {Outcome.MET: Outcome.NOT_MET, Outcome.UNKNOWN: Outcome.UNKNOWN}
"""What a condition that must not hold does to its group; not met does nothing, nor near where all is known."""


def judge(tree: Node, facts: Facts, on: date, binding: Binding) -> Verdict:
    """Return the verdict of a tree on facts: one line for each condition below an `all` at the root.

    Unknown facts never count as met. More evidence never turns met into not met, exclusions and `none` aside.
    """
    line = _with_rule(evaluate(tree, facts, on), binding.pack)
    lines = line.lines if isinstance(tree, AllOf) and not tree.name_zh else (line,)
    return Verdict(lines, pack=binding.pack, tag=binding.tag, source_zh=binding.source_zh, source_en=binding.source_en)


def _with_rule(line: Line, pack: str) -> Line:
    return replace(line, rule=pack, lines=tuple(_with_rule(one, pack) for one in line.lines))


def evaluate(node: Node, facts: Facts, on: date) -> Line:
    """Return the line of a node, with the lines of what is below it."""
    if isinstance(node, GROUPS):
        line = _group(node, tuple(evaluate(child, facts, on) for child in node.of))
    elif isinstance(node, Points):
        line = _points(node, facts, on)
    else:
        line = _leaf(node, facts, on)
    return replace(line, name_zh=node.name_zh, name_en=node.name_en, optional=node.optional)


# ---- groups


def _group(node: Any, lines: tuple[Line, ...]) -> Line:  # noqa: ANN401 - one of GROUPS
    below = [line for line in lines if counts(line)]
    counted = [line.outcome for line in below]
    wanted = _wanted(node, len(counted))
    unless = isinstance(node, NoneOf | Exclusion)
    outcome = _unless(map(_at_worst, below)) if unless else reached(counted, wanted)
    params = {"n": str(wanted), "total": str(len(counted))} if isinstance(node, AtLeast) else {}
    return Line(f"criteria.{node.node}", _capped(outcome, lines), params, lines=lines)


def counts(line: Line) -> bool:
    """Tell whether a line counts in its group: an exclusion only bars, an optional one is only shown."""
    return not line.optional and line.reason != "criteria.exclusion"


def _wanted(node: Any, total: int) -> int:  # noqa: ANN401 - one of GROUPS
    if isinstance(node, AtLeast):
        return node.n
    return total if isinstance(node, AllOf) else 1


def reached(outcomes: Sequence[Outcome], wanted: int) -> Outcome:
    """Return the outcome of `wanted` among conditions: met, else what could still come of it."""
    have = 0
    for outcome in (Outcome.MET, Outcome.NEAR, Outcome.UNKNOWN):
        have += outcomes.count(outcome)
        if have >= wanted:
            return outcome
    return Outcome.NOT_MET


def _at_worst(line: Line) -> Outcome:
    """Return how a condition that must not hold counts: near it may still come to hold by what is unknown below it."""
    near = line.outcome is Outcome.NEAR
    return Outcome.UNKNOWN if near and _rests_on_unknown(line) else line.outcome


def _rests_on_unknown(line: Line) -> bool:
    return any(one.outcome is Outcome.UNKNOWN or _rests_on_unknown(one) for one in line.lines)


def _unless(outcomes: Iterable[Outcome]) -> Outcome:
    found = [LOST[outcome] for outcome in outcomes if outcome in LOST]
    return next((one for one in (Outcome.NOT_MET, Outcome.UNKNOWN) if one in found), Outcome.MET)


def _capped(outcome: Outcome, lines: Sequence[Line]) -> Outcome:
    """An exclusion that holds, or is not cleared, decides over everything above it."""
    barred = {one for line in lines for one in _bars(line)}
    if Outcome.NOT_MET in barred:
        return Outcome.NOT_MET
    open_ = Outcome.UNKNOWN in barred and outcome in {Outcome.MET, Outcome.NEAR}
    return Outcome.UNKNOWN if open_ else outcome


def _bars(line: Line) -> list[Outcome]:
    own = [line.outcome] if line.reason == "criteria.exclusion" else []
    return own + [one for below in line.lines for one in _bars(below)]


# ---- leaves


def _leaf(node: Any, facts: Facts, on: date) -> Line:  # noqa: ANN401 - a leaf of the tree
    fact = facts.get(node.fact)
    line = LEAVES[type(node)](node, fact, on)
    return replace(line, params={"fact": node.fact, **line.params, **_seen(fact)}, evidence=fact.source if fact else "")


def _seen(fact: Fact | None) -> dict[str, str]:
    if fact is None:
        return {}
    since = {"since": fact.since.isoformat()} if fact.since else {}
    return {"got": written(fact.value), **since}


def _outcome(*, met: bool) -> Outcome:
    return Outcome.MET if met else Outcome.NOT_MET


COMPARED: dict[Comparison, Callable[[Decimal, Decimal], bool]] = {
    Comparison.AT_LEAST: lambda got, limit: got >= limit,
    Comparison.MORE_THAN: lambda got, limit: got > limit,
    Comparison.AT_MOST: lambda got, limit: got <= limit,
    Comparison.LESS_THAN: lambda got, limit: got < limit,
    Comparison.EQUALS: lambda got, limit: got == limit,
}


def _number(node: Number, fact: Fact | None, on: date) -> Line:
    del on
    reason, params = f"criteria.number.{node.op}", {"value": written(node.value)}
    if fact is None or not isinstance(fact.value, Decimal):
        return Line(reason, Outcome.UNKNOWN, params)
    if COMPARED[node.op](fact.value, node.value):
        return Line(reason, Outcome.MET, params)
    short = abs(node.value - fact.value)
    near = node.near is not None and short <= node.near
    return Line(reason, Outcome.NEAR if near else Outcome.NOT_MET, {**params, "short": written(short)})


def _day(node: Day, fact: Fact | None, on: date) -> Line:
    del on
    reason, params = f"criteria.day.{node.op}", {"value": node.value.isoformat()}
    if fact is None or not isinstance(fact.value, date):
        return Line(reason, Outcome.UNKNOWN, params)
    met = fact.value >= node.value if node.op == "not_before" else fact.value <= node.value
    return Line(reason, _outcome(met=met), params)


def _choice(node: Choice, fact: Fact | None, on: date) -> Line:
    del on
    params = {"value": ",".join(node.one_of)}
    if fact is None:
        return Line("criteria.choice", Outcome.UNKNOWN, params)
    return Line("criteria.choice", _outcome(met=fact.value in node.one_of), params)


def _flag(node: Flag, fact: Fact | None, on: date) -> Line:
    del on
    reason = "criteria.flag.yes" if node.value else "criteria.flag.no"
    if fact is None:
        return Line(reason, Outcome.UNKNOWN)
    return Line(reason, _outcome(met=fact.value is node.value))


def _years(node: Years, fact: Fact | None, on: date) -> Line:
    reason, params = "criteria.years", {"value": str(node.at_least)}
    if fact is None or not isinstance(fact.value, date):
        return Line(reason, Outcome.UNKNOWN, params)
    full = months_later(fact.value, node.at_least * MONTHS)
    if on >= full:
        return Line(reason, Outcome.MET, params)
    near = node.near_months is not None and months_later(on, node.near_months) >= full
    return Line(reason, Outcome.NEAR if near else Outcome.NOT_MET, {**params, "full_on": full.isoformat()})


def months_later(day: date, months: int) -> date:
    """Return the same day `months` later, the last day of a month that is too short."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


LEAVES: dict[type, Callable[..., Line]] = {
    Number: _number,
    Day: _day,
    Choice: _choice,
    Flag: _flag,
    Years: _years,
}


# ---- points


def _points(node: Points, facts: Facts, on: date) -> Line:
    rows = tuple(_row(row, facts, on) for row in node.rows)
    got = sum((Decimal(row.params["got"]) for row in rows), ZERO)
    params = {"value": written(node.at_least), "got": written(got)}
    if got >= node.at_least:
        return Line("criteria.points", Outcome.MET, params, lines=rows)
    short = node.at_least - got
    params["short"] = written(short)
    if node.near is not None and short <= node.near:
        return Line("criteria.points", Outcome.NEAR, params, lines=rows)
    could = any(row.outcome is Outcome.UNKNOWN for row in rows)
    return Line("criteria.points", Outcome.UNKNOWN if could else Outcome.NOT_MET, params, lines=rows)


def _row(row: Row, facts: Facts, on: date) -> Line:
    params = {"points": written(row.points)}
    if row.when is not None:
        line = evaluate(row.when, facts, on)
        got = row.points if line.outcome is Outcome.MET else ZERO
        return Line("criteria.row", line.outcome, {**params, "got": written(got)}, lines=(line,))
    return _each(row, facts.get(row.each), params)


def _each(row: Row, fact: Fact | None, params: dict[str, str]) -> Line:
    params |= {"fact": row.each} | ({"most": written(row.most)} if row.most is not None else {})
    if fact is None or not isinstance(fact.value, Decimal):
        return Line("criteria.each", Outcome.UNKNOWN, {**params, "got": "0"})
    earned = max(row.points * fact.value, ZERO)
    earned = earned if row.most is None else min(earned, row.most)
    seen = {"got": written(earned), "units": written(fact.value)}
    return Line("criteria.each", _outcome(met=earned > ZERO), {**params, **seen}, evidence=fact.source)
