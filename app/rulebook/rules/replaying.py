"""Replaying past decisions under another pack, and what would change; pure functions."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from pydantic import BaseModel

from app.rulebook.facts import from_json
from app.rulebook.kinds import Binding, RuleKind, judged
from app.rulebook.verdicts import Line, Outcome, Verdict

Place = tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One condition that comes out otherwise; None where only one of the packs has it."""

    before: Line | None
    after: Line | None


def replay(kind: RuleKind, params: BaseModel, facts: dict[str, Any], on: date, *, binding: Binding) -> Verdict:
    """Judge the stored facts of a decision under a pack, on the day it was judged."""
    return judged(kind, params, from_json(facts), on, binding=binding)


def changes(before: Verdict, after: Verdict) -> list[Change]:
    """Return the conditions that come out otherwise, in the order of the new pack; those only the old one has last."""
    old, new = dict(_placed(before.lines)), dict(_placed(after.lines))
    found = [Change(old.get(place), line) for place, line in new.items()]
    found += [Change(line, None) for place, line in old.items() if place not in new]
    return [one for one in found if _differs(one)]


def _differs(change: Change) -> bool:
    if change.before is None or change.after is None:
        only = change.before or change.after
        return only is not None and only.outcome is not Outcome.MET and not only.optional
    return change.before.outcome is not change.after.outcome


def _placed(lines: Sequence[Line], above: Place = ()) -> Iterator[tuple[Place, Line]]:
    """Yield the innermost lines by where they stand: what they ask for, not their number, so that one can be added."""
    seen: defaultdict[tuple[str, str, str], Iterator[int]] = defaultdict(count)
    for line in lines:
        what = (line.reason, line.params.get("fact", ""), line.name_zh)
        place = (*above, (*what, next(seen[what])))
        if line.lines:
            yield from _placed(line.lines, place)
        else:
            yield place, line


def is_changed(before: Verdict, after: Verdict) -> bool:
    """Tell whether a verdict, or one of its conditions, comes out otherwise."""
    return before.outcome is not after.outcome or bool(changes(before, after))
