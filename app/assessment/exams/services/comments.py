"""The review of an assembled paper: comments, answers, and their resolution before two people sign it."""

from datetime import datetime

from app.accounts.states import Role
from app.assessment.exams.comment_states import PAPER_COMMENT, CommentState
from app.assessment.exams.models import Paper, PaperComment, PaperCommentLine
from app.assessment.exams.queries import comments as queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.services.subjects import named, of_comment, of_paper
from app.assessment.exams.states import PaperState
from app.core import crypto, events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk

ANSWER, RESOLVE = "exams.answer_comment", "exams.resolve_comment"


def comment(
    paper: Paper, *, position: int | None, words: str, by: Actor, at: datetime, number: str | None = None
) -> PaperComment:
    """Comment on a place of a paper that is not frozen, or on the whole; another examiner answers.

    `number` is the form's own, so that a repeated request returns the comment that it made. Raises ConflictError once
    the paper is frozen, InvalidError for a place that it does not have.
    """
    _hold(paper)
    before = queries.said_with(number, by.person_id)
    if before is not None:
        return session.get_one(PaperComment, before.comment_id)
    _refuse_frozen(paper)
    if position is not None and position not in {one.position for one in papers_queries.sheet_of(paper.id)}:
        raise InvalidError(_l("The paper has no such place."), field="place")
    made = PaperComment(
        paper_id=paper.id,
        position=position,
        wrapped_key=crypto.new_wrapped_key(),
        commented_by_id=by.person_id,
        commented_at=at,
    )
    session.add(made)
    session.flush()
    _say(made, paper, words, number=number, by=by, at=at)
    _tell("exams.paper_commented", made, paper, by=by, at=at)
    _ask_for_answer(made, paper, at=at)
    return made


def answer(found: PaperComment, *, words: str, by: Actor, at: datetime, number: str | None = None) -> None:
    """Answer a comment that somebody else made; raises ForbiddenError for its own reviewer.

    A repeated request changes nothing.
    """
    _hold(found.paper)
    if queries.said_with(number, by.person_id):
        return
    if by.person_id == found.commented_by_id:
        raise ForbiddenError(_l("You made this comment. Another examiner answers it, or you resolve it."))
    _refuse_frozen(found.paper)
    PAPER_COMMENT.move(found, "answer", answered_by_id=by.person_id, answered_at=at)
    session.flush()
    _say(found, found.paper, words, number=number, by=by, at=at)
    _tell("exams.comment_answered", found, found.paper, by=by, at=at)
    desk.close_todos(of_comment(found), at=at)
    desk.open_todo(
        RESOLVE,
        of_comment(found),
        url=_address(found),
        at=at,
        person_id=found.commented_by_id,
        params=named(found.paper.blueprint, "paper"),
    )


def reopen(found: PaperComment, *, words: str, by: Actor, at: datetime, number: str | None = None) -> None:
    """Ask again where an answer does not settle a comment; raises ForbiddenError for who gave the answer.

    A repeated request changes nothing.
    """
    _hold(found.paper)
    if queries.said_with(number, by.person_id):
        return
    _refuse_frozen(found.paper)
    _refuse_answerer(found, by)
    PAPER_COMMENT.move(found, "reopen", answered_by_id=None, answered_at=None)
    session.flush()
    _say(found, found.paper, words, number=number, by=by, at=at)
    _tell("exams.comment_reopened", found, found.paper, by=by, at=at)
    desk.close_todos(of_comment(found), at=at)
    _ask_for_answer(found, found.paper, at=at)


def resolve(found: PaperComment, *, by: Actor, at: datetime) -> None:
    """Resolve a comment: who made it at any time, a third person once it is answered; never who answered it."""
    _refuse_answerer(found, by)
    if found.state is CommentState.OPEN and by.person_id != found.commented_by_id:
        raise ForbiddenError(_l("This comment has no answer yet. Only who made it may resolve it without one."))
    PAPER_COMMENT.move(found, "resolve", resolved_by_id=by.person_id, resolved_at=at)
    session.flush()
    _tell("exams.comment_resolved", found, found.paper, by=by, at=at)
    desk.close_todos(of_comment(found), at=at)


def refuse_unresolved(paper: Paper) -> None:
    """Refuse a signature while comments wait: raises ConflictError with their number.

    The paper is held until the end of the transaction, so that no comment slips in beside the signature.
    """
    _hold(paper)
    waiting = queries.unresolved(paper.id)
    if waiting:
        raise ConflictError(
            _l(
                "%(count)d comments on this paper are not resolved. Answer and resolve them before it is signed.",
                count=waiting,
            )
        )


def _hold(paper: Paper) -> None:
    session.refresh(paper, ["state", "version"], with_for_update=True)


def _refuse_frozen(paper: Paper) -> None:
    if paper.state is PaperState.FROZEN:
        raise ConflictError(_l("The paper is frozen. Comments are made and answered before two people sign it."))


def _refuse_answerer(found: PaperComment, by: Actor) -> None:
    if by.person_id == found.answered_by_id:
        raise ForbiddenError(_l("You answered this comment. Who made it, or a third examiner, says whether that does."))


def _say(found: PaperComment, paper: Paper, words: str, *, number: str | None, by: Actor, at: datetime) -> None:
    """Keep what is said, encrypted, with the item it is about and the places whose items the speaker wrote."""
    if not words.strip():
        raise InvalidError(_l("Write what you have to say."), field="words")
    sheet = papers_queries.sheet_of(paper.id)
    about = [one for one in sheet if found.position in {None, one.position}]
    wrote = queries.written_by(about, by.person_id)
    item = about[0].code if found.position is not None else ""
    line = queries.next_line(found)
    key = crypto.unwrap_key(found.wrapped_key)
    text = queries.sealed_text(words.strip(), item, wrote)
    session.add(
        PaperCommentLine(
            comment_id=found.id,
            number=line,
            said_by_id=by.person_id,
            said_at=at,
            sealed=crypto.seal(key, text, queries.line_purpose(found, line)),
            asked_with=number,
        )
    )
    session.flush()


def _tell(kind: str, found: PaperComment, paper: Paper, *, by: Actor, at: datetime) -> None:
    """Record what happened on the timeline of the paper; the words stay in the comment."""
    events.record(kind, of_paper(paper), by=by, at=at, data={"comment": found.code, "place": found.position})


def _ask_for_answer(found: PaperComment, paper: Paper, *, at: datetime) -> None:
    blueprint = paper.blueprint
    desk.open_todo(
        ANSWER,
        of_comment(found),
        url=_address(found),
        at=at,
        role=Role.EXAMINER,
        organisation_id=blueprint.organisation_id,
        region_code=blueprint.region_code,
        not_person_id=found.commented_by_id,
        params=named(blueprint, "paper"),
    )


def _address(found: PaperComment) -> str:
    return f"/exams/comments/{found.code}"
