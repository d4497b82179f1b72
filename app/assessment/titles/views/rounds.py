"""Pages of rounds: the list, a new one, one round with its applications, meeting and ballot."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.assessment.titles import queries, services
from app.assessment.titles.access import Permission
from app.assessment.titles.forms import MeetingForm, RoundForm, VoteForm, vote_form
from app.assessment.titles.models import TitleRound
from app.assessment.titles.services.rounds import of_round
from app.assessment.titles.states import APPLICATION_LABELS, ROUND_LABELS, RoundState
from app.assessment.titles.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.clock import SHANGHAI
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.text import _, pick
from app.desk.queries import timeline_entries
from app.panels.queries import pools
from app.panels.states import TITLE_LABELS
from app.rulebook import queries as rulebook


@bp.get("/rounds")
@requires(Permission.READ)
def rounds() -> str:
    """List the rounds that concern me, and my own applications."""
    actor = acting()
    found = queries.rounds(actor)
    return render_template(
        "titles/rounds.html",
        rounds=found,
        own=queries.own(actor) if actor.may(Permission.APPLY) else [],
        applies=actor.may(Permission.APPLY),
        organises=actor.may(Permission.ORGANISE),
        counts=queries.counts([one.id for one in found]),
        today=clock.today(),
        round_labels=ROUND_LABELS,
        labels=APPLICATION_LABELS,
    )


@bp.get("/rounds/new")
@requires(Permission.ORGANISE)
def new_round() -> str:
    """Show the form of a round."""
    return render_template("titles/round_new.html", form=_round_form())


def _round_form() -> RoundForm:
    form = RoundForm()
    packs = queries.schemes(acting().region_code or "", clock.today())
    form.scheme.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in packs]
    form.committee.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in pools.committees(acting()).rows]
    return form


@bp.post("/rounds/new")
@requires(Permission.ORGANISE)
def propose() -> Answer:
    """Propose a round."""
    form = _round_form()
    last = form.apply_until.data
    if not form.validate() or last is None:
        return render_template("titles/round_new.html", form=form), 422
    planned = services.Planned(form.name_zh.data or "", form.name_en.data or "", last)
    try:
        with unit_of_work():
            scheme = rulebook.pack(form.scheme.data or "", acting())
            committee = pools.committee(form.committee.data or "", acting())
            made = services.propose(scheme, committee, planned, by=acting(), at=clock.now())
    except InvalidError as error:
        form[error.field or "apply_until"].errors = [str(error)]
        return render_template("titles/round_new.html", form=form), error.status
    flash(_("Proposed. The authority confirms the round."), "good")
    return redirect(url_for("titles.round_", code=made.code))


@bp.get("/rounds/<code>")
@requires(Permission.READ)
def round_(code: str) -> str:
    """Show one round: what it is, what happens next, its applications."""
    return _page(queries.round_(code, acting()))


def _page(found: TitleRound, meeting_form: MeetingForm | None = None, typed: VoteForm | None = None) -> str:
    actor = acting()
    pack, scheme = queries.scheme_of(found)
    applications = queries.applications_of(found, actor)
    looked_up([one.person_id for one in applications], by=actor, purpose=Purpose.CERTIFICATION, record=of_round(found))
    return render_template(
        "titles/round.html",
        round=found,
        pack=pack,
        scheme=scheme,
        level=TITLE_LABELS[scheme.level],
        applications=applications,
        acts=_acts(found),
        meeting_form=meeting_form or MeetingForm(),
        reviews=actor.may(Permission.REVIEW),
        organises=actor.may(Permission.ORGANISE),
        today=clock.today(),
        round_labels=ROUND_LABELS,
        labels=APPLICATION_LABELS,
        entries=timeline_entries(of_round(found)) if not actor.may(Permission.APPLY) else [],
        **_vote(found, typed),
    )


def _acts(found: TitleRound) -> set[str]:
    """Return what the actor may do with a round now."""
    actor, today = acting(), clock.today()
    taking = found.state is RoundState.OPEN and today <= found.apply_until
    able = {
        "confirm": actor.may(Permission.CONFIRM)
        and found.state is RoundState.PROPOSED
        and actor.person_id != found.proposed_by_id,
        "apply": actor.may(Permission.APPLY) and taking,
        "call": actor.may(Permission.ORGANISE) and found.state is RoundState.OPEN and not taking,
        "vote": actor.may(Permission.ORGANISE) and found.state is RoundState.REVIEW,
    }
    return {act for act, may in able.items() if may}


def _vote(found: TitleRound, typed: VoteForm | None) -> dict[str, object]:
    """Return the form of the ballot while the meeting is open."""
    if "vote" not in _acts(found):
        return {"vote_form": None, "meeting_open": False}
    here = queries.members_present(found)
    form = typed or vote_form([one for one in here if not one.chair])
    return {"vote_form": form if here else None, "meeting_open": bool(here)}


@bp.post("/rounds/<code>/confirm")
@requires(Permission.CONFIRM)
def confirm_round(code: str) -> Response:
    """Confirm a round as the second person."""
    with unit_of_work():
        services.confirm_round(queries.round_(code, acting()), by=acting(), at=clock.now())
    flash(_("Confirmed. Applications can be sent now."), "good")
    return redirect(url_for("titles.round_", code=code))


@bp.post("/rounds/<code>/meeting")
@requires(Permission.ORGANISE)
def call_meeting(code: str) -> Answer:
    """Call the meeting with the accepted applications as its agenda."""
    form = MeetingForm()
    starts_at = form.starts_at.data
    if not form.validate() or starts_at is None:
        return _page(queries.round_(code, acting()), form), 422
    try:
        with unit_of_work():
            found = queries.round_(code, acting())
            place, when = form.place.data or "", _shanghai(starts_at)
            meeting = services.call_meeting(found, place=place, starts_at=when, by=acting(), at=clock.now())
    except DomainError as error:
        return _refused(code, form, error)
    flash(_("Called. The accepted applications are its agenda."), "good")
    return redirect(url_for("panels.meeting", code=meeting.code))


def _shanghai(local: datetime) -> datetime:
    return local.replace(tzinfo=SHANGHAI).astimezone(UTC)


def _refused(code: str, form: MeetingForm | VoteForm, error: DomainError) -> Answer:
    """Show the round again with what was typed and why it was refused."""
    form.form_errors.append(str(error))
    found = queries.round_(code, acting())
    page = _page(found, form) if isinstance(form, MeetingForm) else _page(found, typed=form)
    return page, error.status


@bp.post("/rounds/<code>/ballot")
@requires(Permission.ORGANISE)
def call_vote(code: str) -> Answer:
    """Call the secret ballot on the agenda."""
    here = queries.members_present(queries.round_(code, acting()))
    form = vote_form([one for one in here if not one.chair])
    if not form.validate():
        return _page(queries.round_(code, acting()), typed=form), 422
    people = {one.expert.code: one.expert.person_id for one in here}
    keepers = [people[form.first.data], people[form.second.data]]
    try:
        with unit_of_work():
            services.call_vote(queries.round_(code, acting()), keepers, by=acting(), at=clock.now())
    except DomainError as error:
        return _refused(code, form, error)
    flash(_("The ballot is called. The chair and the two keepers make the key now."), "good")
    return redirect(url_for("titles.round_", code=code))
