"""The list of ballots, one ballot, and one question with its verdict."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_wtf import FlaskForm

from app.ballots import queries, services
from app.ballots.forms import CallOffForm, FilterForm, OpenForm
from app.ballots.models import Ballot
from app.ballots.queries.steps import step_of, trustee_word
from app.ballots.rules.parameters import sentences
from app.ballots.rules.verdicts import REASONS
from app.ballots.states import CHOICE_LABELS, TAKING, BallotState, Choice
from app.cases.queries import restrictions
from app.core import clock
from app.core.access import acting, signed_in
from app.desk.queries import timeline_entries
from app.rulebook.verdicts import Verdict, rendered

bp = Blueprint("ballots", __name__, url_prefix="/ballots", template_folder="../templates")


@bp.get("")
@signed_in
def index() -> str:
    """List the ballots of the person who asks."""
    form = FilterForm(request.args)
    state = (form.state.data or "") if form.validate() else ""
    page = queries.ballots(acting(), state=state, page=request.args.get("page", 1, type=int))
    return render_template("ballots/index.html", page=page, form=form)


@bp.get("/<code>")
@signed_in
def ballot(code: str) -> str:
    """Show one ballot."""
    return ballot_page(queries.ballot(code, acting()))


def ballot_page(found: Ballot, **typed: FlaskForm) -> str:
    """Show a ballot; `typed` is a form that was refused, by its name."""
    actor = acting()
    pinned = queries.pinned(found)
    rows = queries.voters_of(found)
    own = [one for one in found.trustees if one.person_id == actor.person_id]
    barred = queries.barred_from(found, actor)
    return render_template(
        "ballots/ballot.html",
        ballot=found,
        questions=queries.visible_questions(found, actor),
        turnout=queries.present_among(rows),
        needed=pinned.rules.needed_present(found.committee_size),
        rules=sentences(pinned.rules),
        tag=pinned.tag,
        conducts=queries.may_conduct(found, actor) and barred is None,
        calls_off=queries.may_call_off(found, actor) and barred is None,
        barred=restrictions.refusal(barred) if barred else None,
        held_up=queries.held_up(found),
        missing=[one.person.name for one in found.trustees if one.barred],
        voters=queries.cast_by(rows, actor) if found.state is BallotState.OPEN else [],
        absent=pinned.rules.proxy
        and found.state in TAKING
        and any(one.person_id == actor.person_id for one in queries.absent_among(rows)),
        proxy=queries.proxy_among(rows, actor),
        attends=queries.sees_attendance(found, actor),
        step=step_of(found, own[0]) if own and barred is None else None,
        places={one.place: trustee_word(one) for one in found.trustees},
        over=found.closes_at is not None and clock.now() > found.closes_at,
        open_form=typed.get("open") or OpenForm(formdata=None),
        call_off_form=typed.get("call_off") or CallOffForm(formdata=None),
        entries=timeline_entries(services.subject(found)),
    )


@bp.get("/<code>/questions/<question>")
@signed_in
def question(code: str, question: str) -> str:
    """Show one question; to a voter recused from it, it is unknown."""
    found = queries.ballot(code, acting())
    asked = queries.visible_question(found, question, acting())
    counts = [(CHOICE_LABELS[one], getattr(asked, one.value)) for one in Choice]
    return render_template(
        "ballots/question.html",
        ballot=found,
        question=asked,
        counts=counts if asked.approve is not None else [],
        verdict=_shown(asked.verdict, passed=bool(asked.passed)) if asked.verdict else None,
    )


def _shown(stored: dict[str, Any], *, passed: bool) -> dict[str, Any]:
    verdict = Verdict.from_json(stored)
    lines = [{**line, "state": line["outcome"]} for line in rendered(verdict, REASONS)]
    return {"state": "met" if passed else "not", "lines": lines, "tag": verdict.tag}
