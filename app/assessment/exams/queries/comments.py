"""Reads of the comments on papers: as secret as what the paper holds, by the same permission and scope."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from app.assessment.exams.access import held_by
from app.assessment.exams.comment_states import CommentState
from app.assessment.exams.models import Blueprint, Paper, PaperComment, PaperCommentLine
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.queries.papers import SheetItem, seal_of
from app.core import crypto
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError, NotFoundError
from app.core.text import _l
from app.items import queries as items


@dataclass(frozen=True, slots=True)
class Said:
    """A line in clear: who said what and when, of which item, and the places whose items the speaker wrote."""

    by_id: int
    at: datetime
    words: str
    item: str
    wrote: tuple[int, ...]


def sealed_text(words: str, item: str, wrote: Sequence[int]) -> str:
    """Return what is encrypted of a line."""
    return json.dumps({"words": words, "item": item, "wrote": list(wrote)}, ensure_ascii=False)


def line_purpose(found: PaperComment, number: int) -> str:
    """Return what binds the ciphertext of a line to its place under its comment."""
    return f"paper_comment:{found.code}:{number}"


def comments(paper: Paper, state: CommentState | None, page: int) -> Page[PaperComment]:
    """List the comments on a paper, those in one state where given, latest first."""
    query = select(PaperComment).where(PaperComment.paper_id == paper.id).order_by(PaperComment.id.desc())
    return paged(query.where(PaperComment.state == state) if state else query, page)


def comment(code: str, actor: Actor) -> PaperComment:
    """Return one comment with its paper and blueprint; raises NotFoundError."""
    query: Select[PaperComment] = (
        select(PaperComment)
        .join(PaperComment.paper)
        .join(Paper.blueprint)
        .options(contains_eager(PaperComment.paper).contains_eager(Paper.blueprint))
        .where(PaperComment.code == code, held_by(Blueprint.organisation_id, Blueprint.region_code, actor))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such comment within what you may see."))
    return found


def said(paper: Paper, found: Sequence[PaperComment]) -> dict[int, list[Said]]:
    """Return the lines of comments on a paper in clear, by the id of the comment.

    Raises ForbiddenError while the paper is sealed: the comments are sealed with it.
    """
    seal = seal_of(paper.id)
    if seal is not None and seal.opened_at is None:
        raise ForbiddenError(_l("This paper is sealed, and its comments with it. They open when the paper does."))
    by_id = {one.id: one for one in found}
    keys = {one.id: crypto.unwrap_key(one.wrapped_key) for one in found}
    query = select(PaperCommentLine).where(PaperCommentLine.comment_id.in_(by_id)).order_by(PaperCommentLine.id)
    lines: dict[int, list[Said]] = defaultdict(list)
    for line in session.scalars(query):
        purpose = line_purpose(by_id[line.comment_id], line.number)
        told = json.loads(crypto.unseal(keys[line.comment_id], line.sealed, purpose))
        lines[line.comment_id].append(
            Said(line.said_by_id, line.said_at, told["words"], told["item"], tuple(told["wrote"]))
        )
    return lines


def next_line(found: PaperComment) -> int:
    """Return the number of the next line under a comment."""
    query = select(func.max(PaperCommentLine.number)).where(PaperCommentLine.comment_id == found.id)
    return (session.scalar(query) or 0) + 1


def said_with(number: str | None, person_id: int) -> PaperCommentLine | None:
    """Return what a person said with the form of a number, None where the form said nothing yet."""
    if not number:
        return None
    own = (PaperCommentLine.asked_with == number) & (PaperCommentLine.said_by_id == person_id)
    return session.scalar(select(PaperCommentLine).where(own))


def counts(paper_id: int) -> dict[tuple[int | None, CommentState], int]:
    """Count the comments on a paper by place (None for the whole) and state."""
    query = select(PaperComment.position, PaperComment.state, func.count()).where(PaperComment.paper_id == paper_id)
    rows = session.execute(query.group_by(PaperComment.position, PaperComment.state))
    return {(position, state): number for position, state, number in rows}


def in_states(counted: dict[tuple[int | None, CommentState], int]) -> dict[CommentState, int]:
    """Add up such counts by state."""
    summed: Counter[CommentState] = Counter()
    for (_position, state), number in counted.items():
        summed[state] += number
    return {state: summed[state] for state in CommentState}


def unresolved(paper_id: int) -> int:
    """Count the comments on a paper that are not resolved."""
    query = select(func.count()).where(PaperComment.paper_id == paper_id, PaperComment.state != CommentState.RESOLVED)
    return session.scalar(query) or 0


def written_by(sheet: Sequence[SheetItem], person_id: int) -> list[int]:
    """Return the places of a paper whose items a person wrote, or any version of them."""
    authors = items.authors_of({place.version.item_id for place in sheet})
    return [place.position for place in sheet if person_id in authors.get(place.version.item_id, ())]
