"""Pages of applications: begun, declared, judged line by line, sent, checked, confirmed."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.assessment.titles import queries, services, wording
from app.assessment.titles.access import Permission
from app.assessment.titles.forms import ReturnForm, application_form, filled, read_declared
from app.assessment.titles.models import TitleApplication, TitleAward, TitleWithdrawal
from app.assessment.titles.rules import declared_names
from app.assessment.titles.services.rounds import RESULT
from app.assessment.titles.states import (
    APPLICATION_LABELS,
    BEFORE_ACCEPTANCE,
    EDITABLE,
    ApplicationState,
    WithdrawalState,
)
from app.assessment.titles.views.blueprint import Answer, bp
from app.cases.queries.notices import publicity_of
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.credentials.together import CheckedCertificate, certificates_of
from app.desk.queries import timeline_entries
from app.evidence.models import Evidence
from app.evidence.states import LIVE, STATE_LABELS
from app.rulebook import queries as rulebook
from app.rulebook.facts import from_json, label_of
from app.rulebook.verdicts import Verdict


@bp.post("/rounds/<code>/applications")
@requires(Permission.APPLY)
def start(code: str) -> Response:
    """Begin an application."""
    with unit_of_work():
        made = services.start(queries.round_(code, acting()), by=acting(), at=clock.now())
    return redirect(url_for("titles.edit", code=made.code))


@bp.get("/applications/<code>")
@requires(Permission.READ)
def application(code: str) -> str:
    """Show one application with its verdict."""
    return _page(queries.application(code, acting()), ReturnForm())


def _page(found: TitleApplication, form: ReturnForm, checked: Sequence[CheckedCertificate] | None = None) -> str:
    actor = acting()
    subject = queries.subject(found)
    looked_up([found.person_id], by=actor, purpose=Purpose.CERTIFICATION, record=subject)
    _pack, scheme = queries.scheme_of(found.round)
    words = wording.phrases()
    verdict = _verdict(found)
    stated = from_json(found.declared)
    award = queries.award_of(found) if found.state is ApplicationState.CONFIRMED else None
    withdrawal = _shown_withdrawal(award)
    records = queries.picked(found)
    return render_template(
        "titles/application.html",
        application=found,
        scheme=scheme,
        verdict=wording.shown(verdict, _("Conditions of the title"), words),
        declared=[
            (label_of(name, words.catalogue), words.value(name, one["value"])) for name, one in found.declared.items()
        ],
        stated=stated,
        records=records,
        evidence_states=STATE_LABELS,
        award=award,
        withdrawal=withdrawal,
        publicity=publicity_of(RESULT, subject.type, subject.code) if _was_public(found) else None,
        reason=wording.reason_text(found.reason),
        names=names_of([found.checked_by_id, found.confirmed_by_id]),
        acts=_acts(found, verdict, withdrawal, records),
        form=form,
        own=actor.person_id == found.person_id,
        checked=checked,
        labels=APPLICATION_LABELS,
        entries=timeline_entries(subject) if not actor.may(Permission.REVIEW) else [],
    )


def _shown_withdrawal(award: TitleAward | None) -> TitleWithdrawal | None:
    """Return the withdrawal of a title that the actor may read of: who holds it, once it is decided."""
    found = queries.withdrawal_of(award) if award else None
    if found is None or acting().may(Permission.WITHDRAW):
        return found
    mine = award is not None and award.person_id == acting().person_id
    return found if mine and found.state is not WithdrawalState.PROPOSED else None


def _was_public(found: TitleApplication) -> bool:
    """Tell whether the public notice still matters: once confirmed, the register stands for it."""
    return found.state in {ApplicationState.PASSED, ApplicationState.CLEARED, ApplicationState.STOPPED}


def _verdict(found: TitleApplication) -> Verdict:
    """Return the verdict that stands; before the formal check, how it comes out now."""
    if found.state in BEFORE_ACCEPTANCE or found.verdict is None:
        return queries.judged(found, known_at=clock.now()).verdict
    return Verdict.from_json(found.verdict)


def _acts(
    found: TitleApplication, verdict: Verdict, withdrawal: TitleWithdrawal | None, records: Sequence[Evidence]
) -> set[str]:
    """Return what the actor may do with an application now."""
    actor = acting()
    own = actor.person_id == found.person_id
    submitted, state = found.state is ApplicationState.SUBMITTED, found.state
    ended = any(one.state not in LIVE for one in records)
    able = {
        "renew": own and state in BEFORE_ACCEPTANCE and ended,
        "edit": own and state in EDITABLE,
        "recheck": own and actor.may(Permission.APPLY) and state is ApplicationState.REFUSED,
        "check": not own and actor.may(Permission.ORGANISE) and submitted,
        "accept": not own and actor.may(Permission.ORGANISE) and submitted and verdict.met,
        "withdraw": not own
        and actor.may(Permission.WITHDRAW)
        and state is ApplicationState.CONFIRMED
        and (withdrawal is None or withdrawal.state is WithdrawalState.SET_ASIDE),
        "confirm": actor.may(Permission.CONFIRM)
        and state is ApplicationState.CLEARED
        and actor.person_id not in {found.person_id, found.checked_by_id},
    }
    return {act for act, may in able.items() if may}


@bp.post("/applications/<code>/certificates")
@requires(Permission.READ)
def check_certificates(code: str) -> str:
    """Verify the certificates that the applicant holds and show each result; the look is on record."""
    found = queries.application(code, acting())
    checked = certificates_of(found.person_id, at=clock.now())
    looked_up([found.person_id], by=acting(), purpose=Purpose.VERIFICATION, record=queries.subject(found))
    return _page(found, ReturnForm(), checked)


@bp.get("/applications/<code>/edit")
@requires(Permission.APPLY)
def edit(code: str) -> Answer:
    """Show the form of my application."""
    found = _mine(code)
    if found.state not in EDITABLE:
        return redirect(url_for("titles.application", code=code))
    return _edit(found, _form(found))


def _mine(code: str) -> TitleApplication:
    found = queries.application(code, acting())
    return found if found.person_id == acting().person_id else queries.by_code("")


def _form(found: TitleApplication) -> FlaskForm:
    _pack, scheme = queries.scheme_of(found.round)
    catalogue = rulebook.catalogue()
    data = filled(from_json(found.declared), queries.picked(found)) if request.method == "GET" else None
    return application_form(declared_names(scheme.tree, catalogue), catalogue, _records(found), data=data)


def _records(found: TitleApplication) -> list[Evidence]:
    _pack, scheme = queries.scheme_of(found.round)
    return queries.evidence_to_pick(found.person_id, scheme)


def _edit(found: TitleApplication, form: FlaskForm) -> str:
    verdict = queries.judged(found, known_at=clock.now()).verdict
    return render_template(
        "titles/edit.html",
        application=found,
        form=form,
        verdict=wording.shown(verdict, _("How it comes out as saved"), wording.phrases()),
        reason=found.reason,
        has_records="evidence" in form,
    )


@bp.post("/applications/<code>/edit")
@requires(Permission.APPLY)
def save(code: str) -> Answer:
    """Save my application and show how it comes out."""
    found = _mine(code)
    form = _form(found)
    _pack, scheme = queries.scheme_of(found.round)
    catalogue = rulebook.catalogue()
    names = declared_names(scheme.tree, catalogue)
    values = read_declared(form, names, catalogue) if form.validate() else None
    if values is None:
        return _edit(found, form), 422
    try:
        with unit_of_work():
            again = _mine(code)
            chosen = set(form["evidence"].data or ()) if "evidence" in form else set()
            picked = [one for one in _records(again) if one.code in chosen]
            services.save(again, values, picked, by=acting(), at=clock.now())
    except DomainError as error:
        form.form_errors.append(str(error))
        return _edit(_mine(code), form), error.status
    flash(_("Saved. See below how it comes out, then send it."), "good")
    return redirect(url_for("titles.application", code=code))


@bp.post("/applications/<code>/evidence")
@requires(Permission.APPLY)
def take_new_versions(code: str) -> Response:
    """Rely on the new versions of records that were replaced."""
    with unit_of_work():
        services.take_new_versions(_mine(code), by=acting(), at=clock.now())
    flash(_("The application relies on what stands now. See below how it comes out."), "good")
    return redirect(url_for("titles.application", code=code))


@bp.post("/applications/<code>/submit")
@requires(Permission.APPLY)
def submit(code: str) -> Response:
    """Send my application."""
    with unit_of_work():
        services.submit(_mine(code), by=acting(), at=clock.now())
    flash(_("Sent. The secretary does the formal check."), "good")
    return redirect(url_for("titles.application", code=code))


@bp.post("/applications/<code>/accept")
@requires(Permission.ORGANISE)
def accept(code: str) -> Response:
    """Accept an application for review."""
    with unit_of_work():
        services.accept(queries.application(code, acting()), by=acting(), at=clock.now())
    flash(_("Accepted. The application goes to the committee."), "good")
    return redirect(url_for("titles.application", code=code))


@bp.post("/applications/<code>/return")
@requires(Permission.ORGANISE)
def give_back(code: str) -> Answer:
    """Return an application with reasons."""
    form = ReturnForm()
    if not form.validate():
        return _page(queries.application(code, acting()), form), 422
    with unit_of_work():
        found = queries.application(code, acting())
        services.give_back(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Returned. The applicant reads your reasons."), "good")
    return redirect(url_for("titles.application", code=code))


@bp.post("/applications/<code>/confirm")
@requires(Permission.CONFIRM)
def confirm(code: str) -> Response:
    """Confirm a title after its publicity."""
    with unit_of_work():
        services.confirm_title(queries.application(code, acting()), by=acting(), at=clock.now())
    flash(_("Confirmed. The title is in the register."), "good")
    return redirect(url_for("titles.application", code=code))
