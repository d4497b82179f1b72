"""The public list of dishonest conduct: redacted, and only while it is published."""

from flask import render_template, request

from app.assessment.credit.forms import PublicForm
from app.assessment.credit.queries import records
from app.assessment.credit.views.blueprint import bp
from app.cases.rules.clocks import Mask
from app.cases.rules.masking import masked
from app.core import clock
from app.core.access import public


@bp.get("/published")
@public
def published() -> str:
    """List what is published today: names masked, disputed items marked."""
    lives, page = records.published(
        on=clock.today(),
        known_at=clock.now(),
        text=request.args.get("text", ""),
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "credit/published.html",
        lives=lives,
        page=page,
        form=PublicForm(request.args),
        names={life.code: masked(life.record.person.name, Mask.SURNAME) for life in lives},
    )
