"""Pages of one paper: proof, figures, signatures, seal, replacement of an item, print."""

from collections import Counter
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.assessment.exams.access import Permission
from app.assessment.exams.comment_states import CommentState
from app.assessment.exams.forms.parts import ReasonForm
from app.assessment.exams.models import Paper, PaperDoubt, PaperSeal
from app.assessment.exams.queries import comments, modules, unsat
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.queries.papers import SheetItem
from app.assessment.exams.queries.parameters import parameters_of
from app.assessment.exams.rules.information import curve
from app.assessment.exams.services import papers as services
from app.assessment.exams.services import sealing
from app.assessment.exams.services.subjects import of_paper
from app.assessment.exams.states import PaperState
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.files import files_at, shown_of
from app.assessment.exams.views.shared import other_examiners
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.desk.queries import timeline_entries
from app.items.states import COGNITIVE_LABELS


@bp.get("/papers/<code>")
@requires(Permission.BLUEPRINT)
def paper(code: str) -> str:
    """Show a paper: its proof while it is a draft or open, its facts alone while it is sealed."""
    return paper_page(queries.paper(code, acting()), ReasonForm())


def paper_page(
    found: Paper, form: ReasonForm, refusals: tuple[str, ...] = (), *, doubting: ReasonForm | None = None
) -> str:
    """Return the page of a paper; `doubting` is a decision on it that was filled in wrongly."""
    seal, doubt = unsat.seal_and_doubt(found) if found.state is PaperState.FROZEN else (None, None)
    sealed = seal is not None and seal.opened_at is None
    places = [] if sealed else queries.sheet_of(found.id)
    counted = comments.counts(found.id)
    signed = acting().person_id == found.signed_by_id
    asked = seal is not None and acting().person_id == seal.asked_by_id
    waits = asked or (signed and found.state is PaperState.SIGNED)
    return render_template(
        "exams/paper.html",
        paper=found,
        seal=seal,
        sealed=sealed,
        places=places,
        proof=shown_of(places, files_at(found.code, "exams.paper_file")),
        chart=_chart(places),
        modules=modules.of_blueprint(found.blueprint).labels,
        cognitive=COGNITIVE_LABELS,
        names=_names(found, seal, doubt),
        signed=signed,
        asked=asked,
        others=other_examiners(acting(), found.blueprint.organisation_id) if waits else "",
        entries=timeline_entries(of_paper(found)),
        form=form,
        doubt=doubt,
        doubting=doubting or ReasonForm(formdata=None, prefix="doubt"),
        refusals=refusals,
        comments=comments.in_states(counted),
        **_waiting(counted),
    )


def _waiting(counted: dict[tuple[int | None, CommentState], int]) -> dict[str, Any]:
    """Return how many comments are not resolved, in all and by place."""
    left = [(place, number) for (place, state), number in counted.items() if state is not CommentState.RESOLVED]
    on_place: Counter[int] = Counter()
    for place, number in left:
        if place is not None:
            on_place[place] += number
    return {"unresolved": sum(number for _place, number in left), "on_place": on_place}


def _names(found: Paper, seal: PaperSeal | None, doubt: PaperDoubt | None) -> dict[int, str]:
    hands = [found.assembled_by_id, found.signed_by_id, found.frozen_by_id, doubt.decided_by_id if doubt else None]
    return names_of([*hands, *([seal.asked_by_id, seal.opened_by_id] if seal else [])])


def _chart(places: list[SheetItem]) -> dict[str, Any] | None:
    """Return the information curve of the test as `ui.chart` takes it."""
    if not places:
        return None
    known = parameters_of(place.version.id for place in places)
    points = curve(list(known.values()))
    return {
        "title": str(_("Test information by ability")),
        "type": "line",
        "categories": [f"{point.theta:g}" for point in points],
        "series": [
            {"name": str(_("Information")), "data": [round(point.information, 2) for point in points]},
            {"name": str(_("Standard error")), "data": [round(point.error or 0, 2) for point in points]},
        ],
    }


@bp.post("/papers/<code>/sign")
@requires(Permission.FREEZE)
def sign(code: str) -> Response:
    """Sign a draft as the first person."""
    with unit_of_work():
        sealing.sign_paper(queries.paper(code, acting()), by=acting(), at=clock.now())
    flash(_("Signed. Another examiner signs the same content; then it is frozen and sealed."), "good")
    return redirect(url_for("exams.paper", code=code))


@bp.post("/papers/<code>/freeze")
@requires(Permission.FREEZE)
def freeze(code: str) -> Response:
    """Sign as the second person: pin and seal the paper."""
    with unit_of_work():
        sealing.freeze_paper(queries.paper(code, acting()), by=acting(), at=clock.now())
    flash(_("The paper is frozen and sealed. It opens with the window of its session."), "good")
    return redirect(url_for("exams.paper", code=code))


@bp.post("/papers/<code>/return")
@requires(Permission.FREEZE)
def return_paper(code: str) -> Answer:
    """Send a signed paper back with a reason."""
    form = ReasonForm()
    if not form.validate():
        return paper_page(queries.paper(code, acting()), form), 422
    with unit_of_work():
        found = queries.paper(code, acting())
        sealing.return_paper(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Sent back with your reason. The paper is a draft again."), "good")
    return redirect(url_for("exams.paper", code=code))


@bp.post("/papers/<code>/replace")
@requires(Permission.BLUEPRINT)
def replace_item(code: str) -> Answer:
    """Put an equivalent in the place of an item."""
    position = request.form.get("place", 0, type=int)
    try:
        with unit_of_work():
            chosen = services.replace_item(queries.paper(code, acting()), position, by=acting(), at=clock.now())
    except DomainError as error:
        return paper_page(queries.paper(code, acting()), ReasonForm(formdata=None), (str(error),)), error.status
    flash(_("Place %(place)d now holds %(item)s.", place=position, item=chosen.code), "good")
    return redirect(url_for("exams.paper", code=code))


@bp.post("/papers/<code>/open")
@requires(Permission.FREEZE)
def ask_opening(code: str) -> Answer:
    """Ask to open a sealed paper before its window."""
    form = ReasonForm()
    if not form.validate():
        return paper_page(queries.paper(code, acting()), form), 422
    with unit_of_work():
        found = queries.paper(code, acting())
        sealing.ask_opening(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Asked for. The paper opens when another examiner confirms it."), "good")
    return redirect(url_for("exams.paper", code=code))


@bp.post("/papers/<code>/open/confirm")
@requires(Permission.FREEZE)
def confirm_opening(code: str) -> Response:
    """Open a sealed paper as the second person."""
    with unit_of_work():
        sealing.confirm_opening(queries.paper(code, acting()), by=acting(), at=clock.now())
    flash(_("The paper is open. Who asked, who confirmed and when stays on record."), "good")
    return redirect(url_for("exams.paper", code=code))


@bp.post("/papers/<code>/open/refuse")
@requires(Permission.FREEZE)
def refuse_opening(code: str) -> Response:
    """Refuse or take back the request to open a sealed paper."""
    with unit_of_work():
        sealing.refuse_opening(queries.paper(code, acting()), by=acting(), at=clock.now())
    flash(_("The paper stays sealed."), "good")
    return redirect(url_for("exams.paper", code=code))


@bp.get("/papers/<code>/print")
@requires(Permission.BLUEPRINT)
def print_paper(code: str) -> str:
    """Show a paper for print: as the candidate sees it, the answer sheet, or the key apart."""
    found = queries.paper(code, acting())
    part, places = request.args.get("part", "paper"), queries.sheet_of(found.id)
    return render_template(
        "exams/print.html",
        paper=found,
        blueprint=found.blueprint,
        places=places,
        asked=shown_of(places, files_at(found.code, "exams.paper_file")),
        part=part if part in {"paper", "sheet", "key"} else "paper",
        total=sum((place.points for place in places), Decimal(0)),
    )
