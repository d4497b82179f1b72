"""Pages of expert pools: the list, one pool with filters and export, nomination, import, one expert."""

from collections.abc import Iterable, Sequence

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select

from app.accounts.models import Region
from app.accounts.queries import names_of
from app.accounts.states import RegionLevel
from app.core import clock, files
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import session, unit_of_work
from app.core.errors import DomainError, NotFoundError, Text
from app.core.events import Subject
from app.core.text import _, _l, pick
from app.desk.queries import timeline_entries
from app.panels.access import Permission
from app.panels.forms.pools import ImportForm, NominationForm, PoolFilterForm, ReasonForm, TermForm
from app.panels.models.pools import ExpertPool, PoolExpert
from app.panels.queries import pools as queries
from app.panels.queries.pools import Sought
from app.panels.rules import roster
from app.panels.rules.parameters import last_day
from app.panels.rules.roster import WrongRowsError
from app.panels.services import pools as services
from app.panels.services import subjects
from app.panels.states import EXPERT, FIELD_LABELS, TITLE_LABELS, Field, Title
from app.panels.views.blueprint import Answer, bp
from app.web import downloads

FILE_LIMIT = 4 * 1024 * 1024
MOVES = {"refuse", "suspend", "reinstate"}
TEMPLATE = tuple(usual for usual, *_others in roster.HEADINGS.values())


@bp.get("/pools")
@requires(Permission.POOLS)
def pools() -> str:
    """List the expert pools of the region."""
    return render_template("panels/pools.html", pools=queries.pools(acting()))


def _sought() -> Sought:
    given = request.args
    return Sought(
        given.get("text", ""),
        given.get("field", ""),
        given.get("title", ""),
        given.get("state", ""),
        given.get("sort", "name"),
    )


@bp.get("/pools/<code>")
@requires(Permission.POOLS)
def pool(code: str) -> str:
    """Show the experts of a pool with filters."""
    found = queries.pool(code, acting())
    page = queries.experts(found, _sought(), on=clock.today(), page=request.args.get("page", 1, type=int))
    _looked(page.rows, subjects.of_pool(found))
    return render_template(
        "panels/pool.html",
        pool=found,
        page=page,
        form=PoolFilterForm(request.args),
        regions=queries.region_names({row.region_code for row in page.rows}),
        fields=FIELD_LABELS,
        titles=TITLE_LABELS,
        today=clock.today(),
    )


def _looked(experts: Iterable[PoolExpert], record: Subject) -> None:
    looked_up([one.person_id for one in experts], by=acting(), purpose=Purpose.ADMINISTRATION, record=record)


@bp.get("/pools/<code>/export.<kind>")
@requires(Permission.POOLS)
def export_pool(code: str, kind: str) -> FlaskResponse:
    """Send what the filters find as xlsx or csv, without identity numbers."""
    found = queries.pool(code, acting())
    rows: list[tuple[str, ...]] = [
        (
            _("Name of the person"),
            _("Unit"),
            _("Region"),
            _("Professional field"),
            _("Professional title"),
            _("First day of the period"),
            _("Last day of the period"),
        )
    ]
    listed = list(queries.all_experts(found, _sought(), on=clock.today()))
    _looked(listed, subjects.of_pool(found))
    rows += [_row(one) for one in listed]
    name = pick(found.name_zh, found.name_en)
    return downloads.table(rows, name, kind)


def _row(one: PoolExpert) -> tuple[str, ...]:
    return (
        one.person.name,
        one.unit,
        one.region_code,
        str(FIELD_LABELS[one.field]),
        str(TITLE_LABELS[one.title]),
        str(one.starts_on or ""),
        str(one.ends_on or ""),
    )


@bp.get("/pools/template.xlsx")
@requires(Permission.ORGANISE)
def pool_template() -> FlaskResponse:
    """Send an empty list with the headings of the import."""
    return downloads.template(TEMPLATE, _("List of experts"), "xlsx")


@bp.get("/pools/<code>/import")
@requires(Permission.ORGANISE)
def pool_upload(code: str) -> str:
    """Show the upload of a list of experts."""
    return _upload(queries.pool(code, acting()), ImportForm())


def _upload(found: ExpertPool, form: ImportForm, wrong: Sequence[tuple[int, Text]] = ()) -> str:
    return render_template("panels/import.html", pool=found, form=form, wrong=wrong)


@bp.post("/pools/<code>/import")
@requires(Permission.ORGANISE)
def import_pool(code: str) -> Answer:
    """Nominate everyone of a list, all or none."""
    form = ImportForm()
    found = queries.pool(code, acting())
    if not form.validate():
        return _upload(found, form), 422
    try:
        lines = roster.read(files.read_limited(form.file.data.stream, FILE_LIMIT), set(_regions(None)))
        with unit_of_work():
            count = services.import_experts(queries.pool(code, acting()), lines, by=acting(), at=clock.now())
    except DomainError as error:
        form.file.errors = [str(error)]
        wrong = error.rows if isinstance(error, WrongRowsError) else ()
        return _upload(queries.pool(code, acting()), form, wrong), error.status
    flash(_("%(count)s experts nominated. Each is asked whether they accept.", count=count), "good")
    return redirect(url_for("panels.pool", code=code))


def _regions(level: RegionLevel | None) -> dict[str, Region]:
    query = select(Region).order_by(Region.code)
    if level is not None:
        query = query.where(Region.level == level)
    return {row.code: row for row in session.scalars(query)}


@bp.get("/nominations")
@requires(Permission.NOMINATE)
def nominations() -> str:
    """Show the nomination form and whom I nominated."""
    return _nominations(_nomination_form())


def _nomination_form() -> NominationForm:
    form = NominationForm()
    form.pool.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in queries.pools_to_nominate(acting())]
    provinces = _regions(RegionLevel.PROVINCE).values()
    form.region.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in provinces]
    return form


def _nominations(form: NominationForm) -> str:
    return render_template(
        "panels/nominations.html", form=form, nominated=queries.nominated_by(acting()), today=clock.today()
    )


@bp.post("/nominations")
@requires(Permission.NOMINATE)
def nominate() -> Answer:
    """Nominate a person to a pool."""
    form = _nomination_form()
    if not form.validate():
        return _nominations(form), 422
    try:
        with unit_of_work():
            pools = {one.code: one for one in queries.pools_to_nominate(acting())}
            by, at = acting(), clock.now()
            person = services.find_person((form.name.data or "").strip(), form.number.data or "", by=by, at=at)
            services.nominate(pools[form.pool.data], person, _profile(form), by=by, at=at)
    except DomainError as error:
        form.number.errors = [str(error)]
        return _nominations(form), error.status
    flash(_("Nominated. The person is asked whether they accept."), "good")
    return redirect(url_for("panels.nominations"))


def _profile(form: NominationForm) -> services.Profile:
    return services.Profile(
        Field(form.field.data), Title(form.title.data), (form.unit.data or "").strip(), form.region.data
    )


@bp.get("/pools/<pool>/experts/<code>")
@requires(Permission.POOLS)
def expert(pool: str, code: str) -> str:
    """Show one expert of a pool with what may be decided."""
    return _expert(_one(pool, code))


def _one(pool: str, code: str) -> PoolExpert:
    found = queries.expert(code, acting())
    return queries.found(found if found.pool.code == pool else None)


def _expert(found: PoolExpert, **typed: FlaskForm) -> str:
    actor, today = acting(), clock.today()
    _looked([found], subjects.of_expert(found))
    _pack, rules = queries.rules_for(found.pool.region_code, today)
    moves = [move for move in EXPERT.available(found.state) if move.permission == Permission.ADMIT]
    may = actor.may(Permission.ADMIT) and actor.person_id not in {found.nominated_by_id, found.person_id}
    term = TermForm(formdata=None, starts_on=today, ends_on=last_day(today, rules.term_years))
    return render_template(
        "panels/expert.html",
        expert=found,
        moves=moves if may else (),
        barred=actor.may(Permission.ADMIT) and not may,
        forms={move.name: typed.get(move.name) or ReasonForm(formdata=None, prefix=move.name) for move in moves},
        term=typed.get("term") or term,
        names=names_of([found.nominated_by_id, found.admitted_by_id]),
        region=queries.region_names({found.region_code})[found.region_code],
        fields=FIELD_LABELS,
        titles=TITLE_LABELS,
        entries=timeline_entries(subjects.of_expert(found)),
        today=today,
    )


@bp.post("/pools/<pool>/experts/<code>/admit")
@requires(Permission.ADMIT)
def admit_expert(pool: str, code: str) -> Answer:
    """Admit an expert for a term."""
    form = TermForm()
    if not form.validate():
        return _expert(_one(pool, code), term=form), 422
    try:
        with unit_of_work():
            services.admit(
                _one(pool, code),
                starts_on=form.days()[0],
                ends_on=form.days()[1],
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        form.ends_on.errors = [str(error)]
        return _expert(_one(pool, code), term=form), error.status
    flash(_("Admitted. The expert may be drawn from the first day of the term."), "good")
    return redirect(url_for("panels.expert", pool=pool, code=code))


@bp.post("/pools/<pool>/experts/<code>/decide/<move>")
@requires(Permission.ADMIT)
def decide_expert(pool: str, code: str, move: str) -> Answer:
    """Refuse, suspend or reinstate an expert."""
    if move not in MOVES:
        raise NotFoundError(_l("There is no such decision."))
    form = ReasonForm(prefix=move)
    if not form.validate():
        return _expert(_one(pool, code), **{move: form}), 422
    with unit_of_work():
        services.decide(_one(pool, code), move, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("The decision is recorded."), "good")
    return redirect(url_for("panels.expert", pool=pool, code=code))
