"""Forms of standard setting and equating."""

from collections.abc import Sequence
from decimal import Decimal

from flask_wtf import FlaskForm
from wtforms import DecimalField, IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.assessment.exams.forms.parts import REQUIRED, two_places
from app.assessment.exams.states import METHOD_LABELS
from app.core.text import _l
from app.panels.states import FIELD_LABELS
from app.web.many_fields import OneOfManyNumbers


class StudyForm(FlaskForm):
    """A study: its paper, a past session for the impact, the pool and the number of judges."""

    paper = SelectField(_l("Paper"), validators=[DataRequired(REQUIRED)])
    past = SelectField(_l("Past session for the impact"), validators=[Optional()])
    pool = SelectField(_l("Pool that the judges are drawn from"), validators=[DataRequired(REQUIRED)])
    field = SelectField(_l("Field of the judges"), choices=[("", _l("any")), *FIELD_LABELS.items()])
    seats = IntegerField(_l("Judges"), default=5, validators=[InputRequired(REQUIRED), NumberRange(min=2, max=50)])


class CutForm(FlaskForm):
    """A proposed cut score with its reason."""

    cut = DecimalField(
        _l("Cut score"), places=2, validators=[InputRequired(REQUIRED), NumberRange(min=0, max=100000), two_places]
    )
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=1000)])


class EstimatesForm(FlaskForm):
    """The estimates of a judge; one field a place is added by `estimates_form`."""

    def given(self) -> dict[int, Decimal]:
        """Return the estimates by place; places that hold no number are left out."""
        return {
            int(field.name.removeprefix("place-")): field.data
            for field in self
            if field.name.startswith("place-") and field.data is not None
        }


def estimates_form(positions: Sequence[int], **values: Decimal) -> EstimatesForm:
    """Make the form with a field for each place."""
    fields = {
        f"place-{position}": DecimalField(
            _l("Place %(place)d", place=position),
            places=None,
            validators=[InputRequired(REQUIRED), NumberRange(min=0, max=100), two_places],
            widget=OneOfManyNumbers(step="any"),
        )
        for position in positions
    }
    made: EstimatesForm = type("PlacesForm", (EstimatesForm,), fields)(data=values or None)
    return made


class EquatingForm(FlaskForm):
    """How the scores of a session are brought onto the scale of a base session."""

    base = SelectField(_l("Base session"), validators=[DataRequired(REQUIRED)])
    method = SelectField(_l("Method"), choices=list(METHOD_LABELS.items()), validators=[DataRequired(REQUIRED)])
    weight = DecimalField(
        _l("Weight of the new group in the synthetic population"),
        places=2,
        default=Decimal("0.5"),
        description=_l("From 0 to 1; counts for Tucker and Levine only."),
        validators=[InputRequired(REQUIRED), NumberRange(min=0, max=1), two_places],
    )
    degree = IntegerField(
        _l("Moments that pre-smoothing keeps"),
        default=0,
        description=_l("0 does not smooth; counts for the equipercentile method only."),
        validators=[InputRequired(REQUIRED), NumberRange(min=0, max=6)],
    )
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=1000)])
