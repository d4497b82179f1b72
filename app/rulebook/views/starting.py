"""Beginning the first pack of a region in the browser: which kind, with whose values, then the builder."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.models import Region
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.rulebook import queries
from app.rulebook.access import Permission
from app.rulebook.forms import StartForm
from app.rulebook.kinds import RuleKind
from app.rulebook.models import RulePack
from app.rulebook.queries import edits
from app.rulebook.services import starts
from app.rulebook.views.blueprint import bp
from app.rulebook.views.builder import Editing, pressed, shown


@bp.get("/start")
@requires(Permission.PROPOSE)
def kinds_to_start() -> str:
    """List the kinds of rules with what binds the own region, to begin a pack of one."""
    binding = queries.binding_today(acting().region_code or "", clock.today())
    return render_template(
        "rulebook/kinds.html",
        kinds=queries.kinds_for(acting()),
        binding=binding,
        regions=queries.region_names({one.region_code for one in binding.values()}),
        own=acting().region_code,
        begun=edits.begun(acting()),
        labels=queries.kinds(),
    )


@bp.get("/start/<kind>")
@requires(Permission.PROPOSE)
def start(kind: str) -> str:
    """Ask for the code of a first pack, and whose values it begins with."""
    found = queries.kind_for(kind, acting())
    return render_template("rulebook/start.html", kind=found, form=_form(found))


def _form(kind: RuleKind) -> StartForm:
    form = StartForm(code=f"{kind.name}-{acting().region_code}".replace("_", "-"))
    packs = queries.to_copy(kind.name)
    names = queries.region_names({one.region_code for one in packs})
    form.origin.choices = [("", _("Empty pack")), *((one.code, _named(one, names[one.region_code])) for one in packs)]
    return form


def _named(pack: RulePack, region: Region) -> str:
    return f"{pick(region.name_zh, region.name_en)} · {pick(pack.name_zh, pack.name_en)} · {pack.code}"


@bp.post("/start/<kind>")
@requires(Permission.PROPOSE)
def begin(kind: str) -> AnyResponse | tuple[str, int]:
    """Begin a first pack."""
    found = queries.kind_for(kind, acting())
    form = _form(found)
    if not form.validate():
        return render_template("rulebook/start.html", kind=found, form=form), 422
    try:
        with unit_of_work():
            copied = queries.pack(form.origin.data, acting()) if form.origin.data else None
            begun = starts.begin(found, form.code.data or "", copied=copied, by=acting(), at=clock.now())
    except DomainError as error:
        form[error.field or "code"].errors = [str(error)]
        return render_template("rulebook/start.html", kind=found, form=form), error.status
    return redirect(url_for("rulebook.started", code=begun.code))


@bp.get("/started/<code>")
@requires(Permission.PROPOSE)
def started(code: str) -> str:
    """Show a first pack as fields and sentences, with what was typed so far."""
    return shown(_editing(code))


@bp.post("/started/<code>")
@requires(Permission.PROPOSE)
def change_started(code: str) -> AnyResponse | tuple[str, int]:
    """Keep what was typed, then do what the pressed button says."""
    return pressed(lambda: _editing(code))


def _editing(code: str) -> Editing:
    found = edits.start(code, acting())
    return Editing(
        found,
        found.typed,
        found.version,
        address=url_for("rulebook.started", code=code),
        back=url_for("rulebook.kinds_to_start"),
        keep=lambda typed, version: starts.keep(edits.start(code, acting()), typed, version=version, at=clock.now()),
        save=lambda: starts.save(edits.start(code, acting()), by=acting(), at=clock.now()),
        drop=lambda: starts.drop(edits.start(code, acting())),
        untouched=found.version == 1,
    )
