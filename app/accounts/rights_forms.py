"""Forms of what people decide about data: decisions, proposals, claims."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.accounts.states import IDENTITY_LABELS
from app.core.text import _l

LINE = 200


class AnswerForm(FlaskForm):
    """The answer to a request or proposal."""

    answer = TextAreaField(_l("Reason"), [DataRequired(_l("Give the reason.")), Length(max=1000)])


class NameForm(FlaskForm):
    """The name as the document has it, the paper that proves it, and why."""

    name = StringField(
        _l("Full name"),
        [DataRequired(_l("Enter the name as on the document.")), Length(max=100)],
        description=_l("Exactly as the identity document has it today."),
        render_kw={"autocomplete": "name"},
    )
    name_latin = StringField(
        _l("Name in Latin letters"),
        [Length(max=100)],
        description=_l("As in the passport, where you have one."),
        render_kw={"autocomplete": "off"},
    )
    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(_l("Give the reason.")), Length(max=1000)],
        description=_l("For example a change of name, or a slip in the roster."),
    )
    file = FileField(
        _l("Paper that proves it"),
        [FileRequired(_l("Choose the file."))],
        description=_l(
            "Identity document or notice of the change: PDF, PNG or JPEG, at most 4 MB. Only the administrators who "
            "decide see it."
        ),
    )


class MergeForm(FlaskForm):
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


class ClaimForm(FlaskForm):
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
