"""Forms of scoring: one pair of fields a dimension of the rubric."""

from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DecimalField, Field, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.core.errors import Text
from app.core.text import _l, pick
from app.panels.rules.parameters import Rubric

POINTS = "points_"
REASON = "reason_"


def score_form(rubric: Rubric, **given: Any) -> FlaskForm:  # noqa: ANN401 - what WTForms takes
    """Return the form of a rubric: `points_x` and `reason_x` for each dimension x."""
    fields: dict[str, Any] = {}
    for one in rubric.dimensions:
        name = pick(one.name_zh, one.name_en)
        fields[POINTS + one.code] = DecimalField(
            _l("%(name)s: points of %(most)s", name=name, most=f"{one.most:f}"),
            description=pick(one.asks_zh, one.asks_en),
            places=None,
            validators=[InputRequired(_l("Give the points."))],
        )
        fields[REASON + one.code] = TextAreaField(
            _l("%(name)s: reason", name=name),
            description=_due(rubric),
            validators=[Length(max=2000)],
            render_kw={"rows": 2},
        )
    kind = type("ScoreForm", (FlaskForm,), fields)
    made: FlaskForm = kind(**given)
    return made


def _due(rubric: Rubric) -> Text:
    if rubric.reason_each:
        return _l("At least %(length)s characters.", length=rubric.reason_length)
    return _l("At least %(length)s characters where the score is very low or very high.", length=rubric.reason_length)


def field_of(form: FlaskForm, name: str) -> Field:
    """Return a field of a form by its name."""
    found: Field = form[name]
    return found


class CorrectionForm(FlaskForm):
    """A submitted score to correct, with the reason."""

    dimension = SelectField(_l("Dimension"))
    points = DecimalField(_l("New points"), places=None, validators=[InputRequired(_l("Give the points."))])
    reason = TextAreaField(_l("Reason"), validators=[InputRequired(_l("Give the reason.")), Length(max=2000)])

    def asked(self) -> tuple[str, Decimal, str]:
        """Return dimension, points and reason, once the form has been validated."""
        return self.dimension.data or "", self.points.data or Decimal(0), self.reason.data or ""
