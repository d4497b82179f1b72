"""Editing a draft in the browser: what is typed is kept, saving makes a new revision."""

from datetime import datetime

from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.text import _l
from app.rulebook.access import check_region
from app.rulebook.models import PackEdit, RulePack
from app.rulebook.queries import edits
from app.rulebook.rules.editing import Typed
from app.rulebook.services.packs import load_draft


def keep(pack: RulePack, typed: Typed, *, version: int, by: Actor, at: datetime) -> PackEdit:
    """Keep what a regulator has typed, right or wrong.

    `version` is the one the page was made from, 0 where nothing was kept yet; raises ConflictError where another
    window has kept something since, ForbiddenError for another region's pack.
    """
    check_region(pack, by)
    found = edits.edit_of(pack, by)
    if (found.version if found else 0) != version:
        raise ConflictError(
            _l("The draft was changed in another window since. Look through it, then press the button again.")
        )
    if found is None:
        found = PackEdit(pack_id=pack.id, person_id=by.person_id)
        session.add(found)
    found.typed = typed
    found.changed_at = at
    session.flush()
    return found


def save(pack: RulePack, *, by: Actor, at: datetime) -> RulePack:
    """Make what was kept the next revision of the series; raises InvalidError where it does not fit its kind."""
    check_region(pack, by)
    found = edits.edit_of(pack, by)
    if found is None:
        raise ConflictError(_l("There is nothing to save any more: it was saved or dropped in another window."))
    checked = edits.check(pack, found.typed)
    if not checked.good:
        raise InvalidError(_l("Some entries do not fit yet. Correct the marked ones; what you typed is kept."))
    saved = load_draft(edits.text_of(checked), by=by, at=at)
    session.delete(found)
    session.flush()
    return saved


def drop(pack: RulePack, *, by: Actor) -> None:
    """Drop what was typed; a second drop does nothing more."""
    found = edits.edit_of(pack, by)
    if found is not None:
        session.delete(found)
        session.flush()
