"""Forms of a draw."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.text import _l
from app.panels.services.draws import Plan
from app.panels.states import FIELD_LABELS, Field


class CommitmentForm(FlaskForm):
    """The hash that commits to a secret."""

    commitment = StringField(
        _l("Commitment"),
        description=_l("64 hexadecimal digits: the SHA-256 of format, panel, person and secret, each on its line."),
        validators=[DataRequired(_l("Give the commitment.")), Length(max=100)],
    )


class SecretForm(FlaskForm):
    """The secret behind a commitment."""

    secret = StringField(_l("Secret"), validators=[DataRequired(_l("Give the secret.")), Length(max=200)])


class StartOverForm(FlaskForm):
    """Why an attempt is void."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=2000)])


class DeclareForm(FlaskForm):
    """Why an expert must not judge a case."""

    reason = TextAreaField(
        _l("Why I must not judge this case"),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class ImposeForm(FlaskForm):
    """Whom the office recuses from a case, and why."""

    expert = SelectField(_l("Expert"), validators=[DataRequired(_l("Choose an expert."))])
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=2000)])


class SettleForm(FlaskForm):
    """Whether a declaration that gives a name alone means whom the case concerns."""

    expert = SelectField(_l("Expert"), validators=[DataRequired(_l("Choose an expert."))])
    same = RadioField(
        _l("Your finding"),
        choices=[("yes", _l("It is the same person; the expert stays recused")), ("no", _l("Another person is meant"))],
        validators=[InputRequired(_l("Say what you found."))],
    )
    reason = TextAreaField(
        _l("How you know"),
        description=_l("Such as: asked the expert, who gave the last digits of the number. Recorded in the timeline."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


MOST_SEATS = 99
GIVE = _l("Fill this in.")


class PlanForm(FlaskForm):
    """A panel to draw: what it judges, how many sit on it, and quotas where they differ from the rules in force."""

    pool = SelectField(_l("Expert pool"), validators=[DataRequired(GIVE)])
    name_zh = StringField(_l("Name (Chinese)"), validators=[DataRequired(GIVE), Length(max=200)])
    name_en = StringField(_l("Name (English)"), validators=[DataRequired(GIVE), Length(max=200)])
    cases = SelectMultipleField(
        _l("Cases"),
        validators=[DataRequired(_l("Choose at least one case."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    seats = IntegerField(
        _l("Seats"),
        default=3,
        validators=[
            InputRequired(_l("Give the number of seats.")),
            NumberRange(1, MOST_SEATS, _l("Between 1 and 99 seats.")),
        ],
    )
    field = SelectField(_l("Professional field"), choices=[("", _l("All fields")), *FIELD_LABELS.items()])
    per_unit = IntegerField(
        _l("At most of one unit"),
        description=_l("Leave it empty to draw by the rules in force."),
        validators=[Optional(), NumberRange(1, MOST_SEATS, _l("Between 1 and 99 seats."))],
    )
    regions = IntegerField(
        _l("At least regions"),
        description=_l("Leave it empty to draw by the rules in force."),
        validators=[Optional(), NumberRange(1, MOST_SEATS, _l("Between 1 and 99 seats."))],
    )

    def planned(self) -> Plan:
        """Return the plan, once the form has been validated."""
        return Plan(
            self.name_zh.data or "",
            self.name_en.data or "",
            self.seats.data or 0,
            Field(self.field.data) if self.field.data else None,
            self.per_unit.data,
            self.regions.data,
        )
