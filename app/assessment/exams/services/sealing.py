"""Freezing a paper by two signatures, sealing what it holds, and releasing the key."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete

from app.assessment.exams.models import Paper, PaperItem, PaperSeal
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.queries.papers import SheetItem, sealed_for
from app.assessment.exams.rules.papers import SealedPlace, content_hash, outline, sealed_text
from app.assessment.exams.services.comments import refuse_unresolved
from app.assessment.exams.services.flagged import refuse_sent_back
from app.assessment.exams.services.papers import ask_for_signature
from app.assessment.exams.services.subjects import of_paper
from app.assessment.exams.states import PAPER, OpenedHow, PaperState
from app.core import crypto, events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk

CHANGED = _l("The paper is not what was frozen. Nothing was done; tell an administrator.")


def sign_paper(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Sign the content of a draft by its hash; a second person signs the same hash to freeze it.

    Raises ConflictError while a comment on the paper is not resolved or it holds an item that was sent back.
    """
    refuse_unresolved(paper)
    refuse_sent_back(paper)
    PAPER.move(paper, "sign", signed_by_id=by.person_id, signed_at=at, signed_hash=hash_of(paper))
    session.flush()
    events.record("exams.paper_signed", of_paper(paper), by=by, at=at, data={"content_hash": paper.signed_hash})
    desk.close_todos(of_paper(paper), at=at)
    ask_for_signature(paper.blueprint, paper, "exams.freeze", at=at, not_by=by)


def return_paper(paper: Paper, *, reason: str, by: Actor, at: datetime) -> None:
    """Send a signed paper back to the draft with a reason: the signature falls."""
    PAPER.move(paper, "return", signed_by_id=None, signed_at=None, signed_hash=None)
    session.flush()
    events.record("exams.paper_returned", of_paper(paper), by=by, at=at, reason=reason)
    desk.close_todos(of_paper(paper), at=at)
    ask_for_signature(paper.blueprint, paper, "exams.sign", at=at)


def freeze_paper(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Sign as the second person: the paper is frozen, and what it holds is sealed.

    Raises ForbiddenError for who signed first, ConflictError where the content is no longer what was signed or a
    comment is not resolved or an item was sent back since.
    """
    if paper.signed_by_id == by.person_id:
        raise ForbiddenError(_l("You signed this paper first. Another examiner of your organisation must sign too."))
    if paper.state is not PaperState.SIGNED:
        raise ConflictError(_l("This paper is not signed by a first person, or it is frozen already. Reload the page."))
    refuse_unresolved(paper)
    refuse_sent_back(paper)
    if hash_of(paper) != paper.signed_hash:
        raise ConflictError(_l("The paper is no longer what was signed. Send it back and sign it anew."))
    sheet, seed = queries.sheet_of(paper.id), paper.seed
    session.execute(delete(PaperItem).where(PaperItem.paper_id == paper.id))
    PAPER.move(paper, "freeze", frozen_by_id=by.person_id, frozen_at=at, content_hash=paper.signed_hash, seed=None)
    session.flush()
    kept = _seal(paper, sheet, seed, at=at)
    digests = {"content_hash": paper.content_hash, "sealed": kept.sealed_sha256}
    events.record("exams.paper_frozen", of_paper(paper), by=by, at=at, data=digests)
    desk.close_todos(of_paper(paper), at=at)


def _seal(paper: Paper, sheet: list[SheetItem], seed: int | None, *, at: datetime) -> PaperSeal:
    """Encrypt the places under a key made for this paper alone."""
    places = [SealedPlace(one.position, one.version.id, one.points) for one in sheet]
    wrapped = crypto.new_wrapped_key()
    sealed = crypto.seal(crypto.unwrap_key(wrapped), sealed_text(places, seed), sealed_for(paper))
    kept = PaperSeal(
        paper_id=paper.id,
        wrapped_key=wrapped,
        sealed=sealed,
        sealed_sha256=sha256(sealed).hexdigest(),
        outline=outline(one.sheet() for one in sheet),
        sealed_at=at,
    )
    session.add(kept)
    session.flush()
    return kept


def hash_of(paper: Paper) -> str:
    """Compute the content hash of a paper from what its places hold now."""
    leaves = [place.leaf() for place in queries.sheet_of(paper.id)]
    return content_hash(leaves, cut_score=paper.blueprint.cut_score, minutes=paper.blueprint.minutes)


def check_unchanged(paper: Paper) -> None:
    """Refuse a paper that is not what was frozen: its ciphertext while sealed, its places once opened.

    A sealed paper is checked without its key.
    """
    found = queries.seal_of(paper.id)
    if found is not None and found.opened_at is None:
        if sha256(found.sealed).hexdigest() != found.sealed_sha256:
            raise ConflictError(CHANGED)
    elif hash_of(paper) != paper.content_hash:
        raise ConflictError(CHANGED)


def ask_opening(paper: Paper, *, reason: str, by: Actor, at: datetime) -> PaperSeal:
    """Ask to release the key of a sealed paper before its window, with the reason; a second person confirms.

    Raises ConflictError where it is open, or was asked for before.
    """
    found = _sealed(paper)
    if found.asked_by_id is not None:
        raise ConflictError(_l("The opening of this paper is asked for already. Another examiner confirms it."))
    if not reason.strip():
        raise InvalidError(_l("Give the reason."), field="reason")
    found.asked_by_id, found.asked_at, found.reason = by.person_id, at, reason
    session.flush()
    events.record("exams.opening_asked", of_paper(paper), by=by, at=at, reason=reason)
    ask_for_signature(paper.blueprint, paper, "exams.open", at=at, not_by=by)
    return found


def refuse_opening(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Take back or refuse the request to open a sealed paper: it stays sealed."""
    found = _sealed(paper)
    if found.asked_by_id is None:
        raise ConflictError(_l("Nobody asks to open this paper."))
    found.asked_by_id = found.asked_at = found.reason = None
    session.flush()
    events.record("exams.opening_refused", of_paper(paper), by=by, at=at)
    desk.close_todos(of_paper(paper), at=at)


def confirm_opening(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Release the key as the second person; raises ForbiddenError for who asked."""
    found = _sealed(paper)
    if found.asked_by_id is None:
        raise ConflictError(_l("Nobody asks to open this paper."))
    if found.asked_by_id == by.person_id:
        raise ForbiddenError(_l("You asked for the opening. Another examiner of your organisation must confirm it."))
    _open(paper, found, OpenedHow.TWO_PEOPLE, by=by, at=at)
    desk.close_todos(of_paper(paper), at=at)


def _sealed(paper: Paper) -> PaperSeal:
    found = queries.seal_of(paper.id)
    if found is None or found.opened_at is not None:
        raise ConflictError(_l("This paper is not sealed, or it is open already. Reload the page."))
    return found


def open_due(*, at: datetime) -> int:
    """Open every sealed paper whose window has opened; return how many."""
    due = queries.sealed_papers(at)
    for paper, found, code in due:
        _open(paper, found, OpenedHow.WINDOW, by=None, at=at, window=code)
        desk.close_todos(of_paper(paper), at=at)
    return len(due)


def _open(
    paper: Paper, found: PaperSeal, how: OpenedHow, *, by: Actor | None, at: datetime, window: str | None = None
) -> None:
    """Put the places back and note who released the key."""
    places, paper.seed = queries.unsealed_content(found, paper)
    session.add_all(
        PaperItem(paper_id=paper.id, position=one.position, item_version_id=one.version_id, points=one.points)
        for one in places
    )
    found.opened_how, found.opened_at, found.opened_by_id = how, at, by.person_id if by else None
    session.flush()
    data = {"how": how.value, **({"session": window} if window else {})}
    events.record("exams.paper_opened", of_paper(paper), by=by, at=at, data=data)
