"""Forms of what people decide about data: decisions, proposals, claims."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.accounts.states import IDENTITY_LABELS
from app.core.text import _l

LINE = 200


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """The answer to a request or proposal."""

    answer = TextAreaField(_l("Reason"), [DataRequired(_l("Give the reason.")), Length(max=1000)])


class MergeForm(FlaskForm):  # type: ignore[misc]
    """Which two records are one person, and why."""

    kept = StringField(
        _l("Record that stays"),
        [DataRequired(_l("Name the record.")), Length(max=LINE)],
        description=_l("Its code, mail address, telephone or document number."),
        render_kw={"autocomplete": "off"},
    )
    gone = StringField(
        _l("Record that is joined into it"),
        [DataRequired(_l("Name the record.")), Length(max=LINE)],
        description=_l("Its code, mail address, telephone or document number."),
        render_kw={"autocomplete": "off"},
    )
    reasons = TextAreaField(_l("Reasons"), [DataRequired(_l("Say why the two are one person.")), Length(max=2000)])


class ClaimForm(FlaskForm):  # type: ignore[misc]
    """Who one is, as on the document."""

    name = StringField(
        _l("Full name"),
        [DataRequired(_l("Enter the name as on the document.")), Length(max=100)],
        render_kw={"autocomplete": "name"},
    )
    identity_kind = SelectField(
        _l("Document"), choices=[(kind.value, label) for kind, label in IDENTITY_LABELS.items()]
    )
    identity_number = StringField(
        _l("Document number"),
        [DataRequired(_l("Enter the document number.")), Length(max=40)],
        render_kw={"autocomplete": "off"},
    )
