"""Pages of conduct records: recorded, signed, noticed, heard, put before the authority."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import CONDUCT_LABELS
from app.assessment.exams.forms.administration import ConductForm, StatementForm
from app.assessment.exams.models import ConductRecord, ExamSession, Registration
from app.assessment.exams.queries import board, chronicle, similarity
from app.assessment.exams.queries import incidents as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.conduct import KIND, ConductRule
from app.assessment.exams.services import conduct as services
from app.assessment.exams.services import doubts
from app.assessment.exams.services.administration import of_conduct
from app.assessment.exams.services.conduct import Seen
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.clock import day_of
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.desk.queries import timeline_entries
from app.rulebook import queries as rulebook


@bp.get("/sessions/<code>/conduct")
@requires(Permission.WATCH)
def conduct_records(code: str) -> str:
    """List the conduct records of a session."""
    found = sessions_queries.exam_session(code, acting())
    page = queries.conduct_records(found.id, request.args.get("page", 1, type=int))
    people = (one.registration.person_id for one in page.rows)
    looked_up(people, by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    return render_template("exams/conduct_records.html", session=found, page=page, labels=CONDUCT_LABELS)


@bp.get("/candidates/<ticket>/conduct")
@requires(Permission.WATCH)
def new_conduct(ticket: str) -> str:
    """Show the form of a conduct record."""
    registration, found = board.registration_of(ticket, acting())
    return _form_page(registration, found, _form(found))


def _form(found: ExamSession) -> ConductForm:
    form, at = ConductForm(), clock.now()
    rule = ConductRule.model_validate(rulebook.in_force(KIND, found.region_code, day_of(at)).params)
    form.conduct.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in rule.conducts]
    others = {one: name for one, name in services.witnesses(found, at).items() if one != acting().person_id}
    form.witness.choices = [(str(one), name) for one, name in others.items()]
    return form


def _form_page(registration: Registration, found: ExamSession, form: ConductForm) -> str:
    looked_up([registration.person_id], by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    return render_template("exams/new_conduct.html", registration=registration, session=found, form=form)


@bp.post("/candidates/<ticket>/conduct")
@requires(Permission.WATCH)
def record_conduct(ticket: str) -> Answer:
    """Record a candidate's conduct."""
    registration, found = board.registration_of(ticket, acting())
    form = _form(found)
    if not form.validate():
        return _form_page(registration, found, form), 422
    try:
        with unit_of_work():
            seen = Seen(form.conduct.data, form.description.data or "", int(form.witness.data))
            made = services.record_conduct(found, registration, seen, by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _form_page(*board.registration_of(ticket, acting()), form), error.status
    flash(_("Recorded. The witness signs next."), "good")
    return redirect(url_for("exams.conduct", code=made.code))


@bp.get("/conduct/<code>")
@requires(Permission.WATCH)
def conduct(code: str) -> str:
    """Show a conduct record and what happens next."""
    found = queries.conduct_record(code, acting())
    looked_up(
        [found.registration.person_id], by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found.session)
    )
    told = chronicle.told(chronicle.of_conduct(code), url=_record_url(found), alert=doubts.standing_of(code))
    return render_template("exams/conduct.html", told=told, **_facts(found))


def _facts(found: ConductRecord) -> dict[str, Any]:
    rule, at = services.rule_of(found), clock.now()
    names = services.names_of(found)
    done, brings = rule.conduct(found.conduct), rule.of(found.conduct)
    return {
        "record": found,
        "session": found.session,
        "registration": found.registration,
        "labels": CONDUCT_LABELS,
        "conduct": pick(done.name_zh, done.name_en),
        "consequence": pick(brings.name_zh, brings.name_en),
        "brings": brings,
        "rule": rule,
        "names": names,
        "heard": services.heard(found, at),
        "case": services.case_of(found),
        "me": acting().person_id,
        "entries": timeline_entries(of_conduct(found)),
    }


def _record_url(found: ConductRecord) -> str:
    """Return where an examiner reads the whole record of the sitting, empty for an invigilator."""
    return url_for("exams.sitting_record", ticket=found.registration.code) if acting().may(Permission.RESULTS) else ""


@bp.post("/conduct/<code>/sign")
@requires(Permission.WATCH)
def sign_conduct(code: str) -> Response:
    """Sign as the witness."""
    with unit_of_work():
        services.sign(queries.conduct_record(code, acting()), by=acting(), at=clock.now())
    flash(_("Signed. An examiner who did not see it gives the notice next."), "good")
    return redirect(url_for("exams.conduct", code=code))


@bp.post("/conduct/<code>/notify")
@requires(Permission.ORGANISE)
def notify_conduct(code: str) -> Response:
    """Give the candidate notice of the consequence."""
    with unit_of_work():
        services.notify(queries.conduct_record(code, acting()), by=acting(), at=clock.now())
    flash(_("Notice given. The candidate may speak now."), "good")
    return redirect(url_for("exams.conduct", code=code))


@bp.post("/conduct/<code>/refer")
@requires(Permission.ORGANISE)
def refer_conduct(code: str) -> Response:
    """Put the record before the authority."""
    with unit_of_work():
        case = services.refer(queries.conduct_record(code, acting()), by=acting(), at=clock.now())
    flash(_("The authority of the region decides now: case %(case)s.", case=case.number), "good")
    return redirect(url_for("exams.conduct", code=code))


@bp.get("/mine/conduct/<code>")
@requires(Permission.SIT)
def own_conduct(code: str) -> str:
    """Show the candidate a record about them, with the right to speak."""
    return _own_page(queries.own_conduct_record(code, acting()), StatementForm())


def _own_page(found: ConductRecord, form: StatementForm) -> str:
    facts = _facts(found)
    alike = similarity.against(found.registration_id) if found.conduct == facts["rule"].similarity else None
    case = facts["case"]
    url = url_for("exams.case_sitting", code=case.code) if case else ""
    told = chronicle.told(chronicle.of_conduct(found.code), url=url, alert=doubts.standing_of(found.code))
    return render_template("exams/own_conduct.html", form=form, alike=alike, told=told, **facts)


@bp.post("/mine/conduct/<code>/statement")
@requires(Permission.SIT)
def state_conduct(code: str) -> Answer:
    """Keep what the candidate says."""
    form = StatementForm()
    if not form.validate():
        return _own_page(queries.own_conduct_record(code, acting()), form), 422
    with unit_of_work():
        found = queries.own_conduct_record(code, acting())
        services.state(found, form.statement.data or "", by=acting(), at=clock.now())
    flash(_("Your statement is kept. The authority reads it before it decides."), "good")
    return redirect(url_for("exams.own_conduct", code=code))
