"""Pages of the review of a paper: its comments, and one comment with what was said under it."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.assessment.exams.access import Permission
from app.assessment.exams.comment_states import COMMENT_LABELS, CommentState
from app.assessment.exams.forms.comments import CommentForm, WordsForm, comment_form, words_form
from app.assessment.exams.models import Paper, PaperComment
from app.assessment.exams.queries import comments as queries
from app.assessment.exams.queries import modules
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.services import comments as services
from app.assessment.exams.states import PaperState
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.files import files_at, shown_of
from app.assessment.exams.views.shared import other_examiners, put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.items.states import COGNITIVE_LABELS


@bp.get("/papers/<code>/comments")
@requires(Permission.BLUEPRINT)
def comments(code: str) -> str:
    """List the comments on a paper, with the form for another."""
    found = papers_queries.paper(code, acting())
    return _list_page(found, comment_form(papers_queries.sheet_of(found.id), request.args.get("place", "")))


def _list_page(paper: Paper, form: CommentForm) -> str:
    wanted = request.args.get("state", "")
    state = CommentState(wanted) if wanted in set(CommentState) else None
    page = queries.comments(paper, state, request.args.get("page", 1, type=int))
    return render_template(
        "exams/comments.html",
        paper=paper,
        page=page,
        said=queries.said(paper, page.rows),
        names=names_of([one.commented_by_id for one in page.rows]),
        counts=queries.in_states(queries.counts(paper.id)),
        state=state,
        labels=COMMENT_LABELS,
        form=form,
        open=paper.state is not PaperState.FROZEN,
    )


@bp.post("/papers/<code>/comments")
@requires(Permission.BLUEPRINT)
def add_comment(code: str) -> Answer:
    """Comment on a paper or on one of its places."""
    found = papers_queries.paper(code, acting())
    form = comment_form(papers_queries.sheet_of(found.id))
    if not form.validate():
        return _list_page(found, form), 422
    try:
        with unit_of_work():
            paper = papers_queries.paper(code, acting())
            made = services.comment(
                paper,
                position=form.position,
                words=form.words.data or "",
                by=acting(),
                at=clock.now(),
                number=form.asked_with,
            )
    except DomainError as error:
        put_beside_field(form, error)
        return _list_page(papers_queries.paper(code, acting()), form), error.status
    flash(_("Your comment is kept. Another examiner answers it."), "good")
    return redirect(url_for("exams.comment", code=made.code))


@bp.get("/comments/<code>")
@requires(Permission.BLUEPRINT)
def comment(code: str) -> str:
    """Show one comment: what it is about, what was said, what comes next."""
    return _page(queries.comment(code, acting()), words_form())


def _page(found: PaperComment, form: WordsForm) -> str:
    paper, mine = found.paper, acting().person_id
    lines = queries.said(paper, [found])[found.id]
    place = next((one for one in papers_queries.sheet_of(paper.id) if one.position == found.position), None)
    return render_template(
        "exams/comment.html",
        comment=found,
        paper=paper,
        place=place,
        asked=shown_of([place], files_at(paper.code, "exams.paper_file")) if place else {},
        lines=lines,
        names=names_of([one.by_id for one in lines] + [found.commented_by_id, found.resolved_by_id]),
        own=mine == found.commented_by_id,
        answered=mine == found.answered_by_id,
        others=other_examiners(acting(), paper.blueprint.organisation_id),
        labels=COMMENT_LABELS,
        form=form,
        open=paper.state is not PaperState.FROZEN,
        modules=modules.of_blueprint(paper.blueprint).labels,
        cognitive=COGNITIVE_LABELS,
    )


@bp.post("/comments/<code>/answer")
@requires(Permission.BLUEPRINT)
def answer_comment(code: str) -> Answer:
    """Answer a comment."""
    return _with_words(code, services.answer, _("Answered. Who made the comment says whether that does."))


@bp.post("/comments/<code>/reopen")
@requires(Permission.BLUEPRINT)
def reopen_comment(code: str) -> Answer:
    """Ask again with the reason."""
    return _with_words(code, services.reopen, _("Asked again. The comment waits for another answer."))


def _with_words(code: str, act: Callable[..., None], told: str) -> Answer:
    form = WordsForm()
    if not form.validate():
        return _page(queries.comment(code, acting()), form), 422
    try:
        with unit_of_work():
            found, words = queries.comment(code, acting()), form.words.data or ""
            act(found, words=words, by=acting(), at=clock.now(), number=form.asked_with)
    except DomainError as error:
        put_beside_field(form, error)
        return _page(queries.comment(code, acting()), form), error.status
    flash(told, "good")
    return redirect(url_for("exams.comment", code=code))


@bp.post("/comments/<code>/resolve")
@requires(Permission.BLUEPRINT)
def resolve_comment(code: str) -> Response:
    """Resolve a comment."""
    with unit_of_work():
        services.resolve(queries.comment(code, acting()), by=acting(), at=clock.now())
    flash(_("Resolved."), "good")
    return redirect(url_for("exams.comment", code=code))
