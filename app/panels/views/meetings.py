"""Pages of meetings: the list, one meeting with who is present, its items, and the minutes."""

from datetime import UTC, datetime

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.accounts.queries import names_of
from app.ballots.queries import may_call_off, stands_at
from app.cases.queries import restrictions
from app.core import clock, files
from app.core.access import acting, requires
from app.core.clock import SHANGHAI
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from app.core.files import StoredFile
from app.core.text import _, _l, pick
from app.desk.queries import timeline_entries
from app.panels import minutes as paper
from app.panels.access import Permission
from app.panels.forms.draws import DeclareForm
from app.panels.forms.meetings import ItemForm, ItemRecusalForm, MeetingForm, OpinionForm
from app.panels.models.meetings import AgendaItem, Meeting
from app.panels.queries import meetings as queries
from app.panels.queries import pools
from app.panels.queries.pools import found
from app.panels.queries.recusals import recorded
from app.panels.queries.returned import in_ballot
from app.panels.rules.presence import ever_present, present
from app.panels.services import meetings as services
from app.panels.services import subjects
from app.panels.services.draws import CaseGiven
from app.panels.states import SOURCE_LABELS, MeetingState
from app.panels.views.blueprint import Answer, bp
from app.panels.views.settling import settle, settle_form
from app.web import downloads

STEPS = {"open": services.open_meeting, "close": services.close_meeting, "seal": services.seal}
WAYS = {"enter": True, "leave": False}
DRAFTED = {MeetingState.CLOSED}
RUNNING = {MeetingState.CALLED, MeetingState.OPEN}
ARCHIVED = {MeetingState.SIGNED, MeetingState.SEALED}


@bp.get("/meetings")
@requires(Permission.VIEW)
def meetings() -> str:
    """List the meetings that I run, oversee or attend."""
    page = queries.meetings(acting(), page=request.args.get("page", 1, type=int))
    return render_template("panels/meetings.html", page=page)


@bp.get("/meetings/new")
@requires(Permission.ORGANISE)
def new_meeting() -> str:
    """Show the form that calls a meeting."""
    return render_template("panels/meeting_new.html", form=_form())


def _form() -> MeetingForm:
    form = MeetingForm()
    filed = pools.committees(acting()).rows
    form.committee.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in filed]
    return form


@bp.post("/meetings/new")
@requires(Permission.ORGANISE)
def call_meeting() -> Answer:
    """Call a meeting."""
    form = _form()
    starts_at = form.starts_at.data
    if not form.validate() or starts_at is None:
        return render_template("panels/meeting_new.html", form=form), 422
    try:
        with unit_of_work():
            made = services.call(
                pools.committee(form.committee.data or "", acting()),
                name_zh=form.name_zh.data or "",
                name_en=form.name_en.data or "",
                place=form.place.data or "",
                starts_at=_shanghai(starts_at),
                by=acting(),
                at=clock.now(),
            )
    except (ConflictError, ForbiddenError) as error:
        refused = form.starts_at if isinstance(error, ConflictError) else form.committee
        refused.errors = [str(error)]
        return render_template("panels/meeting_new.html", form=form), error.status
    flash(_("Called. Every member is asked to attend."), "good")
    return redirect(url_for("panels.meeting", code=made.code))


def _shanghai(local: datetime) -> datetime:
    return local.replace(tzinfo=SHANGHAI).astimezone(UTC)


@bp.get("/meetings/<code>")
@requires(Permission.VIEW)
def meeting(code: str) -> str:
    """Show one meeting: who is present, the agenda, what happens next."""
    return _page(queries.meeting(code, acting()))


def _page(shown: Meeting, form: ItemForm | None = None) -> str:
    actor = acting()
    rows = queries.attendance(shown.id)
    inside = present(queries.passages(rows))
    member = queries.membership(shown, actor) if actor.may(Permission.SIT) else None
    runs = actor.may(Permission.ORGANISE)
    observes = actor.may(Permission.OBSERVE)
    came = ever_present(queries.passages(rows))
    who = queries.signatory(shown, came) if shown.state in DRAFTED else None
    signs = who is not None and member is not None and who.id == member.id
    barred = queries.barred(who, on=clock.today()) if who is not None and (runs or signs) else None
    return render_template(
        "panels/meeting.html",
        meeting=shown,
        items=queries.items(shown, actor),
        quorum=queries.quorum(shown, rows),
        passages=rows if observes or actor.may(Permission.CHAIR) else [],
        member=member,
        inside=member is not None and member.expert_id in inside,
        today=clock.day_of(shown.starts_at) == clock.today(),
        runs=runs,
        standing=runs and shown.state is MeetingState.OPEN and stands_at(shown.code),
        signatory=who,
        signs=signs and barred is None,
        barred=restrictions.refusal(barred) if barred and signs else None,
        unsigned=runs and shown.state in DRAFTED and (who is None or barred is not None),
        whole=shown.state not in RUNNING and queries.sees_whole_agenda(shown, actor),
        form=form or (_item_form(shown) if runs and shown.state in RUNNING else None),
        names=names_of([shown.signed_by_id, shown.sealed_by_id]),
        entries=timeline_entries(subjects.of_meeting(shown)) if observes else [],
    )


def _item_form(shown: Meeting) -> ItemForm:
    form = ItemForm()
    form.case.choices = [(one.code, pick(one.label_zh, one.label_en)) for one in queries.cases_to_add(shown, acting())]
    return form


@bp.post("/meetings/<code>/items")
@requires(Permission.ORGANISE)
def add_item(code: str) -> Answer:
    """Put a case on the agenda."""
    shown = queries.meeting(code, acting())
    form = _item_form(shown)
    if not form.validate():
        return _page(shown, form), 422
    with unit_of_work():
        shown = queries.meeting(code, acting())
        offered = queries.cases_to_add(shown, acting())
        chosen = found(next((one for one in offered if one.code == form.case.data), None))
        given = CaseGiven(chosen.subject, chosen.label_zh, chosen.label_en)
        services.add_item(shown, given, by=acting(), at=clock.now())
    flash(_("The case is on the agenda."), "good")
    return redirect(url_for("panels.meeting", code=code))


@bp.post("/meetings/<code>/attendance/<way>")
@requires(Permission.SIT)
def attend(code: str, way: str) -> Response:
    """Sign in or leave."""
    if way not in WAYS:
        raise NotFoundError(_l("There is no such entry. Sign in or leave."))
    with unit_of_work():
        shown = queries.meeting(code, acting())
        member = found(queries.membership(shown, acting()))
        services.attend(shown, member, entering=WAYS[way], by=acting(), at=clock.now())
    flash(_("Recorded with the time."), "good")
    return redirect(url_for("panels.meeting", code=code))


@bp.post("/meetings/<code>/steps/<step>")
@requires(Permission.ORGANISE)
def step_meeting(code: str, step: str) -> Response:
    """Open or close a meeting, or seal its minutes."""
    if step not in STEPS:
        raise NotFoundError(_l("There is no such step."))
    with unit_of_work():
        STEPS[step](queries.meeting(code, acting()), by=acting(), at=clock.now())
    flash(_("Recorded."), "good")
    return redirect(url_for("panels.meeting", code=code))


@bp.post("/meetings/<code>/sign")
@requires(Permission.SIT)
def sign_minutes(code: str) -> Response:
    """Sign the minutes: from now on they are this file."""
    shown = queries.meeting(code, acting())
    content = paper.minutes_pdf(found(shown if shown.state in DRAFTED else None), draft=False)
    with unit_of_work():
        services.sign(queries.meeting(code, acting()), content, by=acting(), at=clock.now())
    flash(_("Signed and archived by its hash. The office seals the minutes."), "good")
    return redirect(url_for("panels.meeting", code=code))


@bp.get("/meetings/<code>/minutes.pdf")
@requires(Permission.VIEW)
def minutes(code: str) -> FlaskResponse:
    """Send the minutes: the draft of a closed meeting, or the signed file as archived."""
    shown = queries.meeting(code, acting())
    shown = found(shown if queries.sees_whole_agenda(shown, acting()) else None)
    if shown.state in ARCHIVED:
        stored = session.scalars(select(StoredFile).where(StoredFile.sha256 == shown.minutes_sha256)).one()
        return downloads.sent(files.load(stored), f"minutes-{code}.pdf", downloads.PDF)
    draft = paper.minutes_pdf(found(shown if shown.state in DRAFTED else None), draft=True)
    return downloads.sent(draft, f"minutes-{code}-draft.pdf", downloads.PDF)


@bp.get("/meetings/<code>/items/<item>")
@requires(Permission.VIEW)
def agenda_item(code: str, item: str) -> str:
    """Show one item of a meeting."""
    return _item_page(_item(code, item))


def _item(code: str, item: str) -> AgendaItem:
    shown = queries.item(item, acting())
    return found(shown if shown.meeting.code == code else None)


def _item_page(shown: AgendaItem, **typed: FlaskForm | None) -> str:
    actor = acting()
    runs = actor.may(Permission.ORGANISE)
    open_ = shown.meeting.state is MeetingState.OPEN
    before_end = shown.meeting.state in RUNNING
    recusals = recorded(shown.subject) if actor.may(Permission.OBSERVE) or actor.may(Permission.CHAIR) else []
    returned, stands = in_ballot(shown, recusals)
    return render_template(
        "panels/item.html",
        item=shown,
        meeting=shown.meeting,
        free=queries.free_for(shown),
        recusals=recusals,
        returned=returned,
        stands=stands,
        calls_off=stands is not None and may_call_off(stands, actor),
        sources=SOURCE_LABELS,
        settle_form=typed.get("settle_form") or settle_form(recusals, formdata=None),
        member=queries.membership(shown.meeting, actor) if before_end else None,
        opinion_form=typed.get("opinion_form") or (OpinionForm(formdata=None, obj=shown) if runs and open_ else None),
        recusal_form=typed.get("recusal_form")
        or (_recusal_form(shown, formdata=None) if runs and before_end else None),
        declare_form=typed.get("declare_form") or DeclareForm(formdata=None),
    )


def _recusal_form(shown: AgendaItem, **given: object) -> ItemRecusalForm:
    form = ItemRecusalForm(prefix="recuse", **given)
    form.member.choices = [(one.expert.code, one.expert.person.name) for one in queries.members(shown.meeting)]
    return form


@bp.post("/meetings/<code>/items/<item>/opinion")
@requires(Permission.ORGANISE)
def give_opinion(code: str, item: str) -> Answer:
    """Write down the opinion on an item."""
    shown = _item(code, item)
    form = OpinionForm()
    if not form.validate():
        return _item_page(shown, opinion_form=form), 422
    with unit_of_work():
        services.give_opinion(_item(code, item), form.opinion.data or "", by=acting(), at=clock.now())
    flash(_("The opinion is written down."), "good")
    return redirect(url_for("panels.agenda_item", code=code, item=item))


@bp.post("/meetings/<code>/items/<item>/recuse")
@requires(Permission.ORGANISE)
def recuse_member(code: str, item: str) -> Answer:
    """Recuse a member from an item."""
    shown = _item(code, item)
    form = _recusal_form(shown)
    if not form.validate():
        return _item_page(shown, recusal_form=form), 422
    people = {one.expert.code: one.expert.person_id for one in queries.members(shown.meeting)}
    person_id = people[form.member.data or ""]
    try:
        _recuse(code, item, person_id, form.reason.data or "")
    except DomainError as error:
        form.member.errors = [str(error)]
        return _item_page(_item(code, item), recusal_form=form), error.status
    return redirect(url_for("panels.agenda_item", code=code, item=item))


def _recuse(code: str, item: str, person_id: int, reason: str) -> None:
    with unit_of_work():
        person = session.get_one(Person, person_id)
        services.recuse_from_item(_item(code, item), person, reason=reason, by=acting(), at=clock.now())
    flash(_("The recusal is recorded and takes effect at once."), "good")


@bp.post("/meetings/<code>/items/<item>/settle")
@requires(Permission.ORGANISE)
def settle_item(code: str, item: str) -> Answer:
    """Say whether a declaration by name means whom an item concerns."""
    shown = _item(code, item)
    form = settle_form(recorded(shown.subject))
    if not settle(form, shown.subject, subjects.of_meeting(shown.meeting)):
        return _item_page(_item(code, item), settle_form=form), 422
    return redirect(url_for("panels.agenda_item", code=code, item=item))


@bp.post("/meetings/<code>/items/<item>/declare")
@requires(Permission.SIT)
def declare_for_item(code: str, item: str) -> Answer:
    """Recuse oneself from an item."""
    shown = _item(code, item)
    form = DeclareForm()
    if not form.validate():
        return _item_page(shown, declare_form=form), 422
    try:
        _recuse(code, item, acting().person_id, form.reason.data or "")
    except DomainError as error:
        form.reason.errors = [str(error)]
        return _item_page(_item(code, item), declare_form=form), error.status
    return redirect(url_for("panels.meeting", code=code))
