"""Pages of items that may not stand together on a paper."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.assessment.exams.access import Permission
from app.assessment.exams.forms.papers import EnemyForm
from app.assessment.exams.queries import enemies as queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.services import enemies as services
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _


@bp.get("/enemies")
@requires(Permission.BLUEPRINT)
def enemy_banks() -> str:
    """Show the banks whose items may be declared."""
    return render_template("exams/enemy_banks.html", banks=papers_queries.banks(acting()))


@bp.get("/enemies/<bank>")
@requires(Permission.BLUEPRINT)
def enemies(bank: str) -> str:
    """Show the declared pairs of a bank."""
    return _page(bank, EnemyForm())


def _page(code: str, form: EnemyForm) -> str:
    bank = papers_queries.bank(code, acting())
    rows = queries.rows(bank.id)
    names = names_of([row.enemy.declared_by_id for row in rows])
    return render_template("exams/enemies.html", bank=bank, rows=rows, names=names, form=form)


@bp.post("/enemies/<bank>")
@requires(Permission.BLUEPRINT)
def declare_enemies(bank: str) -> Answer:
    """Declare a pair."""
    form = EnemyForm()
    if not form.validate():
        return _page(bank, form), 422
    given = form.data
    try:
        with unit_of_work():
            found = papers_queries.bank(bank, acting())
            one, other = given["one"].strip(), given["other"].strip()
            services.declare(found, one, other, reason=given["reason"], by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _page(bank, form), error.status
    flash(_("Declared. Papers drawn from now on keep the two apart."), "good")
    return redirect(url_for("exams.enemies", bank=bank))


@bp.post("/enemies/<bank>/<code>/withdraw")
@requires(Permission.BLUEPRINT)
def withdraw_enemies(bank: str, code: str) -> Response:
    """Let the items of a pair stand together again."""
    with unit_of_work():
        found = papers_queries.bank(bank, acting())
        services.withdraw(found, queries.enemy(found.id, code), by=acting(), at=clock.now())
    flash(_("The two items may stand together again."), "good")
    return redirect(url_for("exams.enemies", bank=bank))
