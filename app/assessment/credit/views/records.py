"""The officers' desk: records to confirm, the list, entering and correcting, one record with its acts, its file."""

from dataclasses import dataclass

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.assessment.certification.queries import registered
from app.assessment.credit import services
from app.assessment.credit.access import Permission, works_on
from app.assessment.credit.forms import DeskForm, DoubtForm, EntryForm, ReasonForm, RepairDecisionForm
from app.assessment.credit.models import CreditDoubt, CreditRecord, CreditRepair
from app.assessment.credit.queries import records as queries
from app.assessment.credit.queries.records import Life, Wanted
from app.assessment.credit.services import Entry, sanctions
from app.assessment.credit.states import (
    GRAVITY_LABELS,
    POLARITY_LABELS,
    PROPOSAL_LABELS,
    REPAIR_LABELS,
    STATE_LABELS,
    DoubtState,
    Gravity,
    Polarity,
    RecordState,
    RepairState,
)
from app.assessment.credit.views.blueprint import Answer, bp, keep, labels, read_upload
from app.cases.queries.kinds import restriction_kinds
from app.core import clock, events, files
from app.core.access import Actor, acting, requires, signed_in
from app.core.access_log import Purpose, looked_up
from app.core.columns import new_code
from app.core.db import session, unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.events import Subject
from app.core.spreadsheets import to_csv
from app.core.text import _, _l
from app.desk.queries import timeline_entries
from app.evidence.queries.uses import evidence_used_by
from app.evidence.states import KIND_LABELS
from app.evidence.states import STATE_LABELS as EVIDENCE_STATES
from app.web.downloads import CSV, sent
from app.web.refusals import show_beside


@bp.get("/records")
@requires(Permission.READ)
def desk() -> str:
    """List the records of the actor's region, those that wait first."""
    page = queries.desk(acting(), _wanted(), page=request.args.get("page", 1, type=int))
    looked_up(
        {row.person_id for row in page.rows},
        by=acting(),
        purpose=Purpose.SUPERVISION,
        record=Subject("credit_desk", acting().region_code or ""),
    )
    return render_template(
        "credit/desk.html",
        page=page,
        form=DeskForm(request.args),
        lives={life.code: life for life in queries.lives(page.rows, on=clock.today(), known_at=clock.now())},
        **labels(),
    )


def _wanted() -> Wanted:
    args = request.args
    return Wanted(args.get("state", ""), args.get("gravity", ""), args.get("text", ""))


@bp.post("/records/export")
@requires(Permission.READ)
def export() -> FileResponse:
    """Send the list as CSV; the export is an event."""
    with unit_of_work():
        subject = Subject("person", acting().person_code)
        events.record("credit.exported", subject, by=acting(), at=clock.now())
    heads = (_("Person"), _("Class"), _("Conduct"), _("Deciding body"), _("Basis"), _("Effective from"), _("State"))
    rows = [[str(head) for head in heads], *(_line(row) for row in queries.export(acting(), _wanted()))]
    return sent(to_csv(rows), "credit-records.csv", CSV)


def _line(row: CreditRecord) -> list[str]:
    named = GRAVITY_LABELS[row.gravity] if row.gravity else POLARITY_LABELS[row.polarity]
    cells = (
        row.person.name,
        named,
        row.conduct,
        row.deciding_body,
        row.basis,
        row.effective_on,
        STATE_LABELS[row.state],
    )
    return [str(cell) for cell in cells]


@bp.get("/records/new")
@requires(Permission.RECORD)
def new() -> str:
    """Show the form of a new record, or of the correction of one."""
    old = _corrected()
    form = EntryForm(formdata=None, obj=old)
    form.token.data = new_code()
    form.evidence.data = " ".join(one.code for one in evidence_used_by(queries.subject(old))) if old else ""
    return render_template("credit/enter.html", form=form, old=old)


def _corrected() -> CreditRecord | None:
    code = request.args.get("corrects", "")
    return queries.record(code, acting()) if code else None


@bp.post("/records/new")
@requires(Permission.RECORD)
def enter() -> Answer:
    """Enter a record for a second officer to confirm."""
    form, old = EntryForm(), _corrected()
    if not form.validate():
        return render_template("credit/enter.html", form=form, old=old), 422
    try:
        read = read_upload(form.file.data)
        with unit_of_work():
            made = services.enter(
                _person(form, old),
                _entry(form),
                keep(read),
                token=form.token.data or new_code(),
                corrects=_corrected(),
                rests_on=_named(form.evidence.data or ""),
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        status = show_beside(form, error)
        return render_template("credit/enter.html", form=form, old=old), status
    flash(_("The record waits for a second officer."), "good")
    return redirect(url_for("credit.record", code=made.code))


def _named(text: str) -> list[str]:
    """Return the codes of evidence in a text of codes and addresses, each once."""
    return list(dict.fromkeys(part.rstrip("/").rpartition("/")[2] for part in text.split()))


def _person(form: EntryForm, old: CreditRecord | None) -> Person:
    if old is not None:
        return session.get_one(Person, old.person_id)
    try:
        return registered(form.number.data or "").person
    except NotFoundError as error:
        error.field = "number"
        raise


def _entry(form: EntryForm) -> Entry:
    assert form.effective_on.data is not None  # noqa: S101 - the form was valid
    return Entry(
        polarity=Polarity(form.polarity.data),
        gravity=Gravity(form.gravity.data) if form.gravity.data else None,
        conduct=(form.conduct.data or "").strip(),
        result=(form.result.data or "").strip(),
        deciding_body=(form.deciding_body.data or "").strip(),
        basis=(form.basis.data or "").strip(),
        effective_on=form.effective_on.data,
        sanction_until=form.sanction_until.data,
        publish_anyway=bool(form.publish_anyway.data),
    )


@bp.get("/records/<code>")
@signed_in
def record(code: str) -> str:
    """Show one record: to its person, and to the officers of its region."""
    return record_page(queries.record(code, acting()))


@dataclass(frozen=True, slots=True)
class May:
    """What the actor may do with a record now."""

    own: bool
    decide: bool
    correct: bool
    repair: bool
    decide_repair: bool
    propose: bool
    decide_doubt: bool


def _may(life: Life, waiting: CreditRepair | None, doubt: CreditDoubt | None, actor: Actor, *, corrected: bool) -> May:
    found = life.record
    officer = works_on(actor, found.region_code, found.person_id)
    own = found.person_id == actor.person_id
    running = found.state is RecordState.CONFIRMED
    due = life.span is not None and clock.today() >= life.span.open_from
    return May(
        own=own,
        decide=officer and found.state is RecordState.ENTERED and found.entered_by_id != actor.person_id,
        correct=officer and running and not corrected,
        repair=own and running and due and life.used and waiting is None,
        decide_repair=officer and waiting is not None,
        propose=officer and doubt is not None and doubt.state is DoubtState.OPEN,
        decide_doubt=officer and doubt is not None and doubt.proposed_by_id not in {None, actor.person_id},
    )


def record_page(found: CreditRecord, **typed: FlaskForm) -> str:
    """Show a record; `typed` is the form of an act that was refused, by the act's name."""
    actor = acting()
    looked_up([found.person_id], by=actor, purpose=Purpose.SUPERVISION, record=queries.subject(found))
    marks = queries.marks(found)
    disputed = {found.code} if marks.disputed else set()
    (life,) = queries.lives([found], on=clock.today(), known_at=clock.now(), disputed=disputed)
    repairs = queries.repairs_of(found)
    waiting = next((one for one in repairs if one.state is RepairState.APPLIED), None)
    return render_template(
        "credit/record.html",
        record=found,
        life=life,
        repairs=repairs,
        waiting=waiting,
        may=_may(life, waiting, marks.doubt, actor, corrected=marks.corrected),
        doubt=marks.doubt,
        proposal_labels=PROPOSAL_LABELS,
        evidence=evidence_used_by(queries.subject(found)),
        evidence_states=EVIDENCE_STATES,
        evidence_kinds=KIND_LABELS,
        restrictions=sanctions.standing(found),
        restriction_kinds=restriction_kinds(),
        today=clock.today(),
        entries=timeline_entries(queries.subject(found)),
        repair_labels=REPAIR_LABELS,
        reject=typed.get("reject") or ReasonForm(formdata=None, prefix="reject"),
        proposal=typed.get("proposal") or DoubtForm(formdata=None, prefix="proposal"),
        sent_back=typed.get("sent_back") or ReasonForm(formdata=None, prefix="sent_back"),
        decision=typed.get("decision") or RepairDecisionForm(formdata=None, prefix="decision"),
        **labels(),
    )


@bp.post("/records/<code>/confirm")
@requires(Permission.RECORD)
def confirm(code: str) -> Response:
    """Confirm a record as the second officer."""
    with unit_of_work():
        services.confirm(queries.record(code, acting()), by=acting(), at=clock.now())
    flash(_("Confirmed. The person was told."), "good")
    return redirect(url_for("credit.record", code=code))


@bp.post("/records/<code>/reject")
@requires(Permission.RECORD)
def reject(code: str) -> Answer:
    """Not confirm a record, with the reason."""
    found, form = queries.record(code, acting()), ReasonForm(prefix="reject")
    if not form.validate():
        return record_page(found, reject=form), 422
    with unit_of_work():
        services.reject(queries.record(code, acting()), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Not confirmed. The record never counts."), "good")
    return redirect(url_for("credit.record", code=code))


@bp.get("/records/<code>/files/<sha256>")
@signed_in
def download(code: str, sha256: str) -> FileResponse:
    """Send the decision behind a record, or the proof of an application for its repair."""
    found = queries.record(code, acting())
    stored = [found.file, *(one.proof for one in queries.repairs_of(found))]
    file = next((one for one in stored if one.sha256 == sha256), None)
    if file is None:
        raise NotFoundError(_l("There is no such file with this record."))
    return sent(files.load(file), file.name, file.media_type)
