"""The first pack of a series begun in the browser: empty or with the values of another region, until it is saved."""

from datetime import datetime

from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.rulebook import queries
from app.rulebook.kinds import RuleKind
from app.rulebook.models import PackStart, RulePack
from app.rulebook.queries import edits
from app.rulebook.rules.editing import Typed
from app.rulebook.rules.packs import NATION
from app.rulebook.services.packs import load_draft


def begin(kind: RuleKind, series: str, *, copied: RulePack | None, by: Actor, at: datetime) -> PackStart:
    """Begin the first pack of a series for the actor's own region; what was begun under this code is given back.

    With `copied` its values and test cases are there to be changed; name, days, tag and source are always given afresh.
    Raises InvalidError where the code is taken or only the nation sets such rules, ForbiddenError without a region.
    """
    if by.region_code is None:
        raise ForbiddenError(_l("Only an authority with a region sets rules. Sign in under that role."))
    if kind.national and by.region_code != NATION:
        raise InvalidError(_l("Only the nation sets rules of this kind."), field="code")
    begun = edits.begun_as(series, by)
    if begun is not None and (begun.kind, begun.region_code) == (kind.name, by.region_code):
        return begun
    if begun is not None or queries.latest_of(series) is not None:
        raise InvalidError(
            _l("The code %(code)s is taken. Choose another one, or edit the pack that bears it.", code=series),
            field="code",
        )
    start = PackStart(
        person_id=by.person_id,
        kind=kind.name,
        series=series,
        region_code=by.region_code,
        copied_from_id=copied.id if copied else None,
        typed=edits.afresh(copied) if copied else edits.blank(kind),
        changed_at=at,
    )
    session.add(start)
    session.flush()
    return start


def keep(start: PackStart, typed: Typed, *, version: int, at: datetime) -> None:
    """Keep what was typed, right or wrong; raises ConflictError where another window has kept something since."""
    if start.version != version:
        raise ConflictError(
            _l("The draft was changed in another window since. Look through it, then press the button again.")
        )
    start.typed, start.changed_at = typed, at
    session.flush()


def save(start: PackStart, *, by: Actor, at: datetime) -> RulePack:
    """Make what was typed the first revision of its series; raises InvalidError where it does not fit its kind yet."""
    checked = edits.check(start, start.typed)
    if not checked.good:
        raise InvalidError(_l("Some entries do not fit yet. Correct the marked ones; what you typed is kept."))
    if queries.latest_of(start.series) is not None:
        raise ConflictError(
            _l("Somebody else has taken the code %(code)s since. Begin under another code.", code=start.series)
        )
    saved = load_draft(edits.text_of(checked), by=by, at=at, copied_from_id=start.copied_from_id)
    drop(start)
    return saved


def drop(start: PackStart) -> None:
    """Drop what was begun."""
    session.delete(start)
    session.flush()
