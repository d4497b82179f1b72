"""Pages of statistics: a session's items, one item, groups, persons; and the request for another model."""

from flask import flash, redirect, render_template, request, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.parts import ReasonForm
from app.assessment.exams.forms.statistics import DifFilter, ItemFilter, ModelForm
from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import statistics as queries
from app.assessment.exams.rules.itemreport import FLAG_LABELS
from app.assessment.exams.services import flagged
from app.assessment.exams.services import statistics as services
from app.assessment.exams.services.subjects import of_session, of_statistics
from app.assessment.exams.statistics_states import FLAG_STATE_LABELS, GROUPING_LABELS, MODEL_LABELS, Model
from app.assessment.exams.views import curves
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.files import files_at
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _, _l
from app.desk.queries import timeline_entries
from app.items.views import reading

LABELS = {"flag_labels": FLAG_LABELS, "models": MODEL_LABELS, "groupings": GROUPING_LABELS}


@bp.get("/sessions/<code>/statistics")
@requires(Permission.STATISTICS)
def statistics(code: str) -> str:
    """Show the statistics of a session: the paper's figures and its items."""
    return _page(sessions_queries.exam_session(code, acting()), ModelForm())


def _page(held: ExamSession, form: ModelForm) -> str:
    runs = queries.runs(held.id)
    run = queries.chosen(runs, request.args.get("run"))
    rows = queries.item_rows(run) if run else []
    narrow = ItemFilter(request.args)
    kept = queries.ordered(rows, request.args.get("sort", ""), flagged=narrow.flagged.data == "yes")
    return render_template(
        "exams/statistics.html",
        session=held,
        run=run,
        runs=runs,
        newer=queries.newer_marking(run),
        page=queries.page_of(kept, request.args.get("page", 1, type=int)),
        flagged=sum(1 for row in rows if row.statistic.flags),
        charts=[curves.scores(run), *curves.test_information(rows)] if run else [],
        job=queries.running(held.code, queries.COMPUTE),
        entries=timeline_entries(of_statistics(held)),
        narrow=narrow,
        form=form,
        **LABELS,
    )


@bp.post("/sessions/<code>/statistics")
@requires(Permission.STATISTICS)
def compute_statistics(code: str) -> Answer:
    """Ask for the statistics of a session under a model."""
    form = ModelForm()
    if not form.validate():
        return _page(sessions_queries.exam_session(code, acting()), form), 422
    with unit_of_work():
        services.ask(sessions_queries.exam_session(code, acting()), form.chosen(), by=acting(), at=clock.now())
    flash(_("The statistics are being computed."), "good")
    return redirect(url_for("exams.statistics", code=code))


@bp.get("/sessions/<code>/statistics/items/<int:position>")
@requires(Permission.STATISTICS)
def item_statistics(code: str, position: int) -> str:
    """Show one item: its figures, its options, its curves."""
    return _item_page(sessions_queries.exam_session(code, acting()), position, ReasonForm())


def _item_page(held: ExamSession, position: int, form: ReasonForm) -> str:
    run = queries.needed(held.id, request.args.get("run"))
    row = queries.item_row(run, position)
    option_curve = curves.options(row.statistic)
    return render_template(
        "exams/item_statistics.html",
        session=held,
        run=run,
        newer=queries.newer_marking(run),
        row=row,
        asked=reading.shown(row.statistic.version, files_at(held.paper.code, "exams.paper_file")),
        charts=[*([option_curve] if option_curve else []), *(curves.item(row.calibration) if row.calibration else [])],
        three=run.model is Model.THREE,
        flag=queries.flag_at(run, position),
        flag_states=FLAG_STATE_LABELS,
        form=form,
        **LABELS,
    )


@bp.post("/sessions/<code>/statistics/items/<int:position>")
@requires(Permission.ITEM_REVISION)
def send_item_back(code: str, position: int) -> Answer:
    """Send a flagged item back for revision from its figures."""
    held, form = sessions_queries.exam_session(code, acting()), ReasonForm()
    if not form.validate():
        return _item_page(held, position, form), 422
    with unit_of_work():
        found = queries.flag_at(queries.needed(held.id, request.args.get("run")), position)
        if found is None:
            raise NotFoundError(_l("The statistics flag no item at this place."))
        flagged.send_back(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Sent back. Its author revises it, and its reviewers approve it anew."), "good")
    return redirect(url_for("exams.item_statistics", code=code, position=position))


@bp.get("/sessions/<code>/statistics/groups")
@requires(Permission.STATISTICS)
def group_statistics(code: str) -> str:
    """Show how items treat groups at equal score."""
    held = sessions_queries.exam_session(code, acting())
    run = queries.needed(held.id, request.args.get("run"))
    narrow = DifFilter(request.args)
    rows = queries.dif_rows(run, narrow.grouping.data or "", narrow.dif_class.data or "")
    page = queries.page_of(rows, request.args.get("page", 1, type=int))
    newer = queries.newer_marking(run)
    return render_template("exams/groups.html", session=held, run=run, newer=newer, page=page, narrow=narrow, **LABELS)


@bp.get("/sessions/<code>/statistics/persons")
@requires(Permission.STATISTICS)
def person_fit(code: str) -> str:
    """List the sittings that fit the model badly: evidence, no verdict."""
    held = sessions_queries.exam_session(code, acting())
    run = queries.needed(held.id, request.args.get("run"))
    page = queries.page_of(queries.fit_rows(run), request.args.get("page", 1, type=int))
    looked_up((row.person_id for row in page.rows), by=acting(), purpose=Purpose.EXAMINATION, record=of_session(held))
    newer = queries.newer_marking(run)
    return render_template("exams/person_fit.html", session=held, run=run, newer=newer, page=page, **LABELS)
