"""Forms of sign-in, invitation and one's own account."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.accounts.rules.passwords import SHORTEST
from app.accounts.states import ROLE_LABELS
from app.core.errors import DomainError
from app.core.text import _l

LONGEST_LINE = 200
LANGUAGES = (("zh_CN", "中文"), ("en", "English"))  # zh: each language is named in itself
NEW_PASSWORD = {"autocomplete": "new-password", "minlength": SHORTEST}


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Who, and the password."""

    name = StringField(
        _l("Mail address, telephone or identity number"),
        [InputRequired(_l("Enter one of the three.")), Length(max=LONGEST_LINE)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Enter your password.")), Length(max=LONGEST_LINE)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The code of the second factor."""

    code = StringField(
        _l("Six-digit code"),
        [InputRequired(_l("Enter the code that your app shows.")), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class InvitationForm(FlaskForm):  # type: ignore[misc]
    """Proof of who one is, and a password of one's own."""

    last_four = StringField(
        _l("Last four characters of your identity number"),
        [InputRequired(_l("Enter the last four characters.")), Length(max=10)],
        render_kw={"autocomplete": "off"},
    )
    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password."))], render_kw=NEW_PASSWORD)
    again = PasswordField(
        _l("New password once more"),
        [
            InputRequired(_l("Enter the new password once more.")),
            EqualTo("password", _l("The two passwords differ. Enter the same one twice.")),
        ],
        render_kw=NEW_PASSWORD,
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The present password and a new one."""

    current = PasswordField(
        _l("Present password"),
        [InputRequired(_l("Enter your password.")), Length(max=LONGEST_LINE)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password."))], render_kw=NEW_PASSWORD)
    again = PasswordField(
        _l("New password once more"),
        [
            InputRequired(_l("Enter the new password once more.")),
            EqualTo("password", _l("The two passwords differ. Enter the same one twice.")),
        ],
        render_kw=NEW_PASSWORD,
    )


class LanguageForm(FlaskForm):  # type: ignore[misc]
    """The language a person reads."""

    language = SelectField(_l("Language"), choices=LANGUAGES)


class PeopleFilter(FlaskForm):  # type: ignore[misc]
    """Which people to list."""

    class Meta:
        """A search changes nothing, so it carries no token."""

        csrf = False

    name = StringField(_l("Full name"))
    role = SelectField(_l("Role"), choices=[("", _l("All roles")), *ROLE_LABELS.items()])


def show_beside(form: FlaskForm, error: DomainError) -> int:
    """Put a refusal beside its field, or above the form; return the status to answer with."""
    if error.field and error.field in form:
        form[error.field].errors = [*form[error.field].errors, str(error)]
    else:
        form.form_errors.append(str(error))
    return error.status
