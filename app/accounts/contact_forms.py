"""Forms of telephone numbers, mail addresses and documents of people: one's own, and those that an officer corrects."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.accounts.states import IDENTITY_LABELS
from app.core.text import _l

LINE = 200
PHONE = {"autocomplete": "tel", "inputmode": "tel"}
MAIL = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
NOT_ONE_S_OWN = {"autocomplete": "off"}


class PhoneForm(FlaskForm):
    """A telephone number of one's own."""

    phone = StringField(
        _l("New telephone number"), [InputRequired(_l("Enter the new number.")), Length(max=40)], render_kw=PHONE
    )


class MailForm(FlaskForm):
    """A mail address of one's own."""

    email = StringField(
        _l("New mail address"), [InputRequired(_l("Enter the new address.")), Length(max=LINE)], render_kw=MAIL
    )


class ProofForm(FlaskForm):
    """The code that the new address was sent."""

    code = StringField(
        _l("Six-digit code that was sent"),
        [InputRequired(_l("Enter the code from the message.")), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class WithdrawForm(FlaskForm):
    """Why who asked for something takes it back."""

    reason = TextAreaField(_l("Reason"), [DataRequired(_l("Say why you withdraw it.")), Length(max=500)])


class PersonForm(FlaskForm):
    """What an officer corrects of a person, and why; what is left empty stays as it is."""

    phone = StringField(_l("Telephone"), [Optional(), Length(max=40)], render_kw={**NOT_ONE_S_OWN, "inputmode": "tel"})
    email = StringField(
        _l("Mail address"), [Optional(), Length(max=LINE)], render_kw={**NOT_ONE_S_OWN, "inputmode": "email"}
    )
    identity_kind = SelectField(
        _l("Document"), choices=[(kind.value, label) for kind, label in IDENTITY_LABELS.items()]
    )
    identity_number = StringField(_l("Document number"), [Optional(), Length(max=40)], render_kw=NOT_ONE_S_OWN)
    further = BooleanField(_l("It is a further document of the same person; the one that is kept stays"))
    reason = TextAreaField(_l("Reason"), [DataRequired(_l("Say why.")), Length(max=500)])
