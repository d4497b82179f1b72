"""Pages of sample audits: the draw with what it takes to repeat it, assignments, findings of two officers."""

from flask import Response, flash, redirect, render_template, request, url_for

from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.desk.queries import timeline_entries
from app.evidence import services
from app.evidence.access import Permission
from app.evidence.forms import AuditForm, FindingForm
from app.evidence.models import SampleAudit
from app.evidence.queries import audits as queries
from app.evidence.rules.sampling import draws_again
from app.evidence.services.subjects import of_audit
from app.evidence.states import FINDING_LABELS, KIND_LABELS, Finding
from app.evidence.views.blueprint import Answer, bp
from app.rulebook.queries import region_names
from app.web import downloads
from app.web.refusals import show_beside


@bp.get("/audits")
@requires(Permission.AUDIT)
def audits() -> str:
    """List the sample audits of the region."""
    page = queries.audits(acting(), request.args.get("page", 1, type=int))
    return render_template(
        "evidence/audits.html",
        page=page,
        done=queries.done([one.id for one in page.rows]),
        names=region_names({one.region_code for one in page.rows}),
    )


@bp.get("/audits/new")
@requires(Permission.AUDIT)
def new_audit() -> str:
    """Show the form of a draw."""
    return _new_page(AuditForm(formdata=None))


def _new_page(form: AuditForm) -> str:
    return render_template("evidence/new_audit.html", form=form.offer(queries.regions(acting())))


@bp.post("/audits/new")
@requires(Permission.AUDIT)
def draw() -> Answer:
    """Draw a sample."""
    form = AuditForm().offer(queries.regions(acting()))
    if not form.validate() or form.since.data is None or form.until.data is None:
        return _new_page(form), 422
    try:
        with unit_of_work():
            audit = services.draw_sample(
                region_code=form.region.data,
                since=form.since.data,
                until=form.until.data,
                size=form.size.data or 0,
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        status = show_beside(form, error)
        return _new_page(form), status
    flash(_("The sample is drawn. Give each record to an officer."), "good")
    return redirect(url_for("evidence.audit", code=audit.code))


@bp.get("/audits/<code>")
@requires(Permission.AUDIT)
def audit(code: str) -> str:
    """Show one audit."""
    return _page(queries.audit(code, acting()))


def _page(
    found: SampleAudit,
    error: str = "",
    typed: tuple[str, FindingForm] | None = None,
    unfit: tuple[str, str] | None = None,
) -> str:
    """Show an audit; `typed` is a refused finding, `unfit` why a record (its code) cannot go to the chosen officer."""
    items = queries.items(found.id)
    officers = queries.officers(found.region_code)
    people = [one.evidence.person_id for one in items]
    looked_up(people, by=acting(), purpose=Purpose.SUPERVISION, record=of_audit(found))
    drawn = [one.evidence.code for one in items]
    return render_template(
        "evidence/audit.html",
        audit=found,
        items=items,
        officers={one.id: one.name for one in officers},
        choices=[(one.code, one.name) for one in officers],
        region=region_names({found.region_code})[found.region_code],
        forms={one.code: FindingForm(formdata=None, prefix=one.code) for one in items}
        | ({typed[0]: typed[1]} if typed else {}),
        holds=draws_again(found.population_codes, seed=found.seed, digest=found.population_digest, drawn=drawn),
        findings=FINDING_LABELS,
        labels=KIND_LABELS,
        entries=timeline_entries(of_audit(found)),
        error=error,
        unfit=dict([unfit]) if unfit else {},
    )


@bp.get("/audits/<code>/population.txt")
@requires(Permission.AUDIT)
def audit_population(code: str) -> Response:
    """Send the sorted codes of the population, one a line, as the digest counts them."""
    found = queries.audit(code, acting())
    data = "\n".join(found.population_codes).encode()
    return downloads.sent(data, f"{found.code}.txt", "text/plain; charset=utf-8")


@bp.post("/audits/<code>/<item>/assign")
@requires(Permission.AUDIT)
def assign(code: str, item: str) -> Answer:
    """Give a drawn record to an officer."""
    try:
        with unit_of_work():
            found = queries.audit(code, acting())
            officer_id = queries.officer_id(found.region_code, request.form.get("officer", ""))
            services.assign(found, queries.item(found.id, item), officer_id=officer_id, by=acting(), at=clock.now())
    except DomainError as error:
        return _page(queries.audit(code, acting()), unfit=(item, str(error))), error.status
    flash(_("The record is on the officer's desk."), "good")
    return redirect(url_for("evidence.audit", code=code))


@bp.post("/audits/<code>/<item>/find")
@requires(Permission.AUDIT)
def find(code: str, item: str) -> Answer:
    """Record a finding."""
    form, shown = FindingForm(prefix=item), queries.audit(code, acting())
    queries.item(shown.id, item)
    if not form.validate():
        return _page(shown, typed=(item, form)), 422
    try:
        with unit_of_work():
            found = queries.audit(code, acting())
            one = queries.item(found.id, item)
            finding, note = Finding(form.finding.data), form.note.data or ""
            services.find(found, one, finding=finding, note=note, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _page(queries.audit(code, acting()), typed=(item, form)), status
    flash(_("The finding is recorded. A second officer confirms it."), "good")
    return redirect(url_for("evidence.audit", code=code))


@bp.post("/audits/<code>/<item>/confirm")
@requires(Permission.AUDIT)
def confirm_finding(code: str, item: str) -> Answer:
    """Confirm a finding as a second officer."""
    try:
        with unit_of_work():
            found = queries.audit(code, acting())
            services.confirm_finding(found, queries.item(found.id, item), by=acting(), at=clock.now())
    except DomainError as error:
        return _page(queries.audit(code, acting()), str(error)), error.status
    flash(_("The finding is confirmed."), "good")
    return redirect(url_for("evidence.audit", code=code))
