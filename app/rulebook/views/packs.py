"""Pages of the rulebook: the list, one pack in plain sentences, and its two-person publication."""

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock, files
from app.core.access import acting, current_actor, public, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.text import _
from app.rulebook import queries, rules, services
from app.rulebook.access import Permission, check_region, may_see_drafts, sets_rules_of
from app.rulebook.facts import TYPE_LABELS
from app.rulebook.forms import ReasonForm, ReplayForm, UploadForm
from app.rulebook.models import RulePack
from app.rulebook.queries import edits, records
from app.rulebook.rules.cases import lacking
from app.rulebook.states import PACK
from app.rulebook.views.blueprint import bp
from app.rulebook.views.words import cases_shown, entries_of, facts_by_title, phrases_of

PACK_LIMIT = 256 * 1024


@bp.get("")
@public
def packs() -> str:
    """List the rule packs."""
    page = queries.packs(
        current_actor(),
        kind_name=request.args.get("kind", ""),
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "rulebook/packs.html",
        page=page,
        kinds=queries.kinds(),
        regions=queries.region_names({row.region_code for row in page.rows}),
        tabs=_tabs(),
    )


def _tabs() -> list[dict[str, object]]:
    chosen = request.args.get("kind", "")
    names = {"": _("All"), **{kind.name: str(kind.label) for kind in queries.kinds().values()}}
    return [
        {
            "label": label,
            "url": url_for("rulebook.packs", kind=name or None),
            "active": name == chosen,
        }
        for name, label in names.items()
    ]


@bp.get("/new")
@requires(Permission.PROPOSE)
def new() -> str:
    """Show the upload of a draft."""
    return render_template("rulebook/new.html", form=UploadForm())


@bp.post("/new")
@requires(Permission.PROPOSE)
def load() -> AnyResponse | tuple[str, int]:
    """Store an uploaded pack as a draft."""
    form = UploadForm()
    try:
        if not form.validate():
            raise InvalidError(_("Choose the pack file."))
        text = rules.decode(files.read_limited(form.file.data.stream, PACK_LIMIT))
        with unit_of_work():
            pack = services.load_draft(text, by=acting(), at=clock.now())
    except DomainError as error:
        if not form.file.errors:
            form.file.errors = [str(error)]
        return render_template("rulebook/new.html", form=form), error.status
    flash(_("The draft is stored. Read it through, then propose it."), "good")
    return redirect(url_for("rulebook.pack", code=pack.code))


@bp.get("/facts")
@public
def facts() -> str:
    """Show the catalogue of facts that criteria may name."""
    return render_template("rulebook/facts.html", groups=facts_by_title(queries.catalogue()), types=TYPE_LABELS)


@bp.get("/<code>")
@public
def pack(code: str) -> tuple[str, int]:
    """Show one pack in plain sentences."""
    return _page(queries.pack(code, current_actor()), ReasonForm())


def _page(found: RulePack, form: ReasonForm, status: int = 200) -> tuple[str, int]:
    kind = queries.kind(found.kind)
    actor = current_actor()
    results = queries.cases_of(found)
    phrases = phrases_of(kind)
    page = render_template(
        "rulebook/pack.html",
        pack=found,
        kind=kind,
        origin=edits.origin_of(found),
        region=queries.region_names({found.region_code})[found.region_code],
        sentences=kind.sentences(queries.params(found)),
        cases=cases_shown(results, phrases),
        failing=sum(not one.passed for one in results),
        lacks=lacking([one.case for one in results], kind),
        phrases=phrases,
        moves={move.name for move in PACK.available(found.state)},
        sets=sets_rules_of(found, actor),
        entries=entries_of(found, actor),
        replays=records.replays_of(found) if may_see_drafts(actor) else [],
        replay_form=ReplayForm(formdata=None, year=clock.today().year - 1),
        form=form,
    )
    return page, status


@bp.get("/<code>.toml")
@public
def download(code: str) -> Response:
    """Send the pack file, to read or to change and upload again."""
    found = queries.pack(code, current_actor())
    response = Response(found.text, mimetype="application/toml")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.code}.toml"'
    return response


@bp.post("/<code>/propose")
@requires(Permission.PROPOSE)
def propose(code: str) -> AnyResponse:
    """Put a draft before a second person."""
    with unit_of_work():
        services.propose(queries.pack(code, acting()), by=acting(), at=clock.now())
    flash(_("Proposed. A second person of your authority confirms it."), "good")
    return redirect(url_for("rulebook.pack", code=code))


@bp.post("/<code>/publish")
@requires(Permission.PUBLISH)
def publish(code: str) -> AnyResponse:
    """Confirm and publish a proposed pack."""
    with unit_of_work():
        services.publish(queries.pack(code, acting()), by=acting(), at=clock.now())
    flash(_("Published."), "good")
    return redirect(url_for("rulebook.pack", code=code))


def _of_own_region(code: str) -> RulePack:
    """Return a pack that the actor's authority sets; whoever sets it not is refused before anything is asked."""
    found = queries.pack(code, acting())
    check_region(found, acting())
    return found


@bp.post("/<code>/return")
@requires(Permission.PUBLISH)
def send_back(code: str) -> AnyResponse | tuple[str, int]:
    """Return a proposed pack with a reason."""
    form, found = ReasonForm(), _of_own_region(code)
    if not form.validate():
        return _page(found, form, 422)
    with unit_of_work():
        found = queries.pack(code, acting())
        services.send_back(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Returned to its draft with your reason."), "good")
    return redirect(url_for("rulebook.pack", code=code))


@bp.post("/<code>/withdraw")
@requires(Permission.PROPOSE)
def withdraw(code: str) -> AnyResponse | tuple[str, int]:
    """Withdraw a draft with a reason."""
    form, found = ReasonForm(), _of_own_region(code)
    if not form.validate():
        return _page(found, form, 422)
    with unit_of_work():
        found = queries.pack(code, acting())
        services.withdraw(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Withdrawn."), "good")
    return redirect(url_for("rulebook.pack", code=code))
