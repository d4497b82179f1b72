"""Jobs, deliveries and settings, for the system administrator; nothing here is about a person."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import system
from app.accounts.access import Permission
from app.accounts.views.blueprint import bp
from app.accounts.views.confirm import freshly
from app.core import clock, events, jobs
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.events import Subject
from app.core.jobs import JobState
from app.core.text import _


@bp.get("/system")
@requires(Permission.SYSTEM_VIEW)
def system_page() -> str:
    """Show the job runner, what waits, the jobs and the settings."""
    state = JobState.FAILED if "failed" in request.args else None
    page = system.job_page(state=state, number=request.args.get("page", 1, type=int))
    return render_template(
        "accounts/system.html",
        page=page,
        failed=state is not None,
        labels=system.job_labels(),
        states={JobState.QUEUED: _("Running or waiting"), JobState.DONE: _("Done"), JobState.FAILED: _("Job failed")},
        tones={JobState.QUEUED: "waiting", JobState.DONE: "good", JobState.FAILED: "bad"},
        error_kind=system.error_kind,
        waiting=[row._asdict() for row in system.waiting_deliveries()],
        beat=system.last_work(),
        settings=system.shown_settings(),
    )


@bp.post("/system/jobs/<code>/retry")
@requires(Permission.SYSTEM_VIEW)
@freshly
def retry_job(code: str) -> Response:
    """Let a failed job go on from where it stopped."""
    with unit_of_work():
        job = system.failed_job(code)
        jobs.retry_job(job.code)
        events.record("accounts.job_retried", Subject("job", job.code), by=acting(), at=clock.real_now())
    flash(_("The job goes on from where it stopped."), "good")
    return redirect(url_for("accounts.system_page"))
