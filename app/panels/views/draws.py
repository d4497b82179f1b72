"""Pages of panels: commitments, population, reveals, the drawn panel, its cases and recusals."""

import json
import secrets
from collections import Counter
from datetime import timedelta

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import Actor, acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.desk.queries import timeline_entries
from app.panels.access import Permission
from app.panels.forms.draws import CommitmentForm, SecretForm, StartOverForm
from app.panels.models.draws import Panel
from app.panels.queries import draws as queries
from app.panels.queries import pools, scoring
from app.panels.queries.pools import found
from app.panels.rules.draw import commitment
from app.panels.services import draws as services
from app.panels.services import subjects
from app.panels.states import FIELD_LABELS, PanelState
from app.panels.views.blueprint import Answer, bp
from app.rulebook.queries import region_names
from app.web import downloads

SECRET_BYTES = 16


@bp.get("/panels")
@requires(Permission.VIEW)
def panels() -> str:
    """List the panels that I organise, observe or sit on."""
    page = queries.panels(acting(), state=request.args.get("state", ""), page=request.args.get("page", 1, type=int))
    return render_template("panels/panels.html", page=page, chosen=request.args.get("state", ""))


@bp.get("/panels/<code>")
@requires(Permission.VIEW)
def panel(code: str) -> str:
    """Show one panel: what happens next, the inputs of the draw and what came out."""
    return _page(queries.panel(code, acting()))


def _page(shown: Panel, **typed: FlaskForm) -> str:
    actor = acting()
    observes = actor.may(Permission.OBSERVE)
    shares = queries.shares(shown) if observes else []
    order = queries.seats(shown) if observes and shown.state is PanelState.DRAWN else []
    cases = queries.cases(shown, actor)
    return render_template(
        "panels/panel.html",
        panel=shown,
        cases=cases,
        shares=shares,
        own=next((one for one in shares if one.person_id == actor.person_id), None),
        witnesses=sum(not one.office for one in shares),
        **_phase(shown),
        seats=order,
        seat=queries.own_seat(shown, actor) if actor.may(Permission.SIT) else None,
        observes=observes,
        weighs=actor.may(Permission.WEIGH),
        office=actor.may(Permission.ORGANISE),
        offered=_offer(shown, actor) if observes and shown.state is PanelState.PLANNED else None,
        commit_form=typed.get("commit_form") or CommitmentForm(formdata=None),
        secret_form=typed.get("secret_form") or SecretForm(formdata=None),
        over_form=typed.get("over_form") or StartOverForm(formdata=None),
        results=scoring.results(shown, cases) if order else {},
        fields=FIELD_LABELS,
        entries=timeline_entries(subjects.of_panel(shown)) if observes else [],
        counted=_counted(shown) if observes else [],
    )


def _counted(shown: Panel) -> list[str]:
    """Say for which regions the experts of a published population count, and how many for each."""
    counts = Counter(one.region for one in queries.candidates(shown))
    names = region_names(set(counts)) if counts else {}
    return [f"{pick(names[code].name_zh, names[code].name_en)} {counts[code]}" for code in sorted(counts)]


def _phase(shown: Panel) -> dict[str, object]:
    """Return what the rules say of the commitments and reveals of a panel that is not drawn yet."""
    if shown.state is PanelState.DRAWN:
        return {"wanted": 0, "deadline": None, "over": False}
    rules = pools.rules_of(shown.rule_code)
    until = shown.published_at + timedelta(hours=rules.reveal_hours) if shown.published_at else None
    return {"wanted": rules.witnesses, "deadline": until, "over": until is not None and clock.now() > until}


def _offer(shown: Panel, actor: Actor) -> tuple[str, str]:
    """Make a secret with its commitment for whoever brings none; it is shown once and kept nowhere."""
    secret = secrets.token_hex(SECRET_BYTES)
    return secret, commitment(shown.code, actor.person_code, secret)


@bp.post("/panels/<code>/commit")
@requires(Permission.OBSERVE)
def commit_share(code: str) -> Answer:
    """Commit to a secret."""
    form = CommitmentForm()
    if not form.validate():
        return _page(queries.panel(code, acting()), commit_form=form), 422
    try:
        with unit_of_work():
            services.commit_share(
                queries.panel(code, acting()), form.commitment.data or "", by=acting(), at=clock.now()
            )
    except DomainError as error:
        form.commitment.errors = [str(error)]
        return _page(queries.panel(code, acting()), commit_form=form), error.status
    flash(_("Committed. Keep your secret until the population is published."), "good")
    return redirect(url_for("panels.panel", code=code))


@bp.post("/panels/<code>/publish")
@requires(Permission.ORGANISE)
def publish(code: str) -> Response:
    """Freeze and publish the population."""
    with unit_of_work():
        services.publish(queries.panel(code, acting()), by=acting(), at=clock.now())
    flash(_("The population is published. The office reveals first, then the witnesses."), "good")
    return redirect(url_for("panels.panel", code=code))


@bp.post("/panels/<code>/reveal")
@requires(Permission.OBSERVE)
def reveal(code: str) -> Answer:
    """Reveal the secret; the last one draws the panel."""
    form = SecretForm()
    if not form.validate():
        return _page(queries.panel(code, acting()), secret_form=form), 422
    try:
        with unit_of_work():
            services.reveal(queries.panel(code, acting()), form.secret.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        form.secret.errors = [str(error)]
        return _page(queries.panel(code, acting()), secret_form=form), error.status
    flash(_("Revealed."), "good")
    return redirect(url_for("panels.panel", code=code))


@bp.post("/panels/<code>/start-over")
@requires(Permission.ORGANISE)
def start_over(code: str) -> Answer:
    """Void an attempt after the deadline."""
    form = StartOverForm()
    if not form.validate():
        return _page(queries.panel(code, acting()), over_form=form), 422
    with unit_of_work():
        services.start_over(queries.panel(code, acting()), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("The attempt is void. Office and witnesses commit to new secrets."), "good")
    return redirect(url_for("panels.panel", code=code))


@bp.get("/panels/<code>/draw.json")
@requires(Permission.OBSERVE)
def draw_file(code: str) -> FlaskResponse:
    """Send the record of a draw, from which anyone entitled recomputes it."""
    shown = queries.panel(code, acting())
    drawn = found(shown if shown.state is PanelState.DRAWN else None)
    text = json.dumps(queries.document(drawn), ensure_ascii=False, indent=1)
    return downloads.sent(text.encode(), f"draw-{code}.json", downloads.JSON)
