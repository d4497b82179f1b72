"""Forms of sign-in, invitation, one's own account and rosters."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import EqualTo, InputRequired, Length, Optional, Regexp

from app.accounts.security import profile_in_force
from app.accounts.states import ROLE_LABELS, ResetWay
from app.core.text import _, _l
from app.web.many_fields import LongSelect

LONGEST_LINE = 200
LANGUAGES = (("zh_CN", "中文"), ("en", "English"))  # zh: each language is named in itself
NEW_PASSWORD = {"autocomplete": "new-password", "minlength": 8}


class SignInForm(FlaskForm):
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


class CodeForm(FlaskForm):
    """The code of the second factor."""

    code = StringField(
        _l("Six-digit code"),
        [InputRequired(_l("Enter the code that your app shows.")), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class InvitationForm(FlaskForm):
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


class PasswordForm(FlaskForm):
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


class RecoveryCodeForm(FlaskForm):
    """One of the codes kept for the day the device is lost."""

    code = StringField(
        _l("Recovery code"),
        [InputRequired(_l("Enter one of your recovery codes.")), Length(max=60)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class PasskeyForm(FlaskForm):
    """The answer of a device, filled in by the script; a name where a passkey is added."""

    name = StringField(
        _l("Name of the device"),
        [Length(max=60)],
        render_kw={"autocomplete": "off", "required": True},
    )
    credential = HiddenField(validators=[Length(max=20000)])
    next = HiddenField()


class PasskeyNameForm(FlaskForm):
    """The name of a passkey."""

    name = StringField(
        _l("Name of the device"),
        [InputRequired(_l("Enter a name.")), Length(max=60)],
        render_kw={"autocomplete": "off"},
    )


class ConfirmForm(FlaskForm):
    """The password once more, before a dangerous act."""

    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Enter your password.")), Length(max=LONGEST_LINE)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class ConfirmWithCodeForm(ConfirmForm):
    """The password and the code of the app."""

    code = StringField(
        _l("Six-digit code"),
        [InputRequired(_l("Enter the code that your app shows.")), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


RESET_WAYS = {ResetWay.MAIL: _l("A link by mail"), ResetWay.SMS: _l("A code by short message")}


class AskResetForm(FlaskForm):
    """Whose password, and by which way the secret shall come."""

    name = StringField(
        _l("Mail address, telephone or identity number"),
        [InputRequired(_l("Enter one of the three.")), Length(max=LONGEST_LINE)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    way = RadioField(
        _l("How shall we reach you?"),
        [InputRequired(_l("Choose one way."))],
    )


class NewPasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField(_l("New password"), [InputRequired(_l("Choose a password."))], render_kw=NEW_PASSWORD)
    again = PasswordField(
        _l("New password once more"),
        [
            InputRequired(_l("Enter the new password once more.")),
            EqualTo("password", _l("The two passwords differ. Enter the same one twice.")),
        ],
        render_kw=NEW_PASSWORD,
    )


class ResetCodeForm(NewPasswordForm):
    """The code of the short message and a new password."""

    code = StringField(
        _l("Six-digit code from the message"),
        [InputRequired(_l("Enter the code from the message.")), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class LanguageForm(FlaskForm):
    """The language a person reads."""

    language = SelectField(_l("Language"), choices=LANGUAGES)


class FindPersonForm(FlaskForm):
    """One person, by a word that only they go by."""

    class Meta:
        """A search changes nothing, so it carries no token."""

        csrf = False

    who = StringField(_l("Mail address, telephone, identity number or code"), [Length(max=LONGEST_LINE)])


class RoleOrderForm(FlaskForm):
    """A role to be given."""

    role = SelectField(_l("Role"), choices=list(ROLE_LABELS.items()))
    region_code = StringField(
        _l("Region code"),
        [InputRequired(_l("Enter the code of the region.")), Regexp(r"[0-9]{6}$", message=_l("Six digits."))],
        render_kw={"inputmode": "numeric"},
    )
    organisation = StringField(_l("Organisation"), [Optional(), Length(max=64)])
    starts_on = DateField(_l("In force from"), [InputRequired(_l("Enter the first day."))])
    ends_on = DateField(_l("In force until"), [Optional()])
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Say why.")), Length(max=500)])


class EndOrderForm(FlaskForm):
    """A role to be ended."""

    ends_on = DateField(_l("In force until"), [InputRequired(_l("Enter the last day."))])
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Say why.")), Length(max=500)])


class ResetOrderForm(FlaskForm):
    """Why the second factor of a person shall be reset."""

    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Say why.")), Length(max=500)])


class TrailFilter(FlaskForm):
    """Which events to show."""

    class Meta:
        """A search changes nothing, so it carries no token."""

        csrf = False

    kind = SelectField(_l("Kind of event"), widget=LongSelect())
    who = StringField(_l("Code of who acted"), [Length(max=26)])
    subject = StringField(_l("Code of the record"), [Length(max=64)])
    since = DateField(_l("From"), [Optional()])
    until = DateField(_l("Until"), [Optional()])


class PeopleFilter(FlaskForm):
    """Which people to list."""

    class Meta:
        """A search changes nothing, so it carries no token."""

        csrf = False

    name = StringField(_l("Full name"))
    role = SelectField(_l("Role"), choices=[("", _l("All roles")), *ROLE_LABELS.items()])


def password_hint(*, alone: bool = True) -> str:
    """Say what the profile in force asks of a new password; `alone` where no second factor stands beside it."""
    profile = profile_in_force()
    count = profile.shortest_alone if alone else profile.shortest
    hint: str = _("At least %(count)d characters. A short sentence is easy to remember.", count=count)
    if profile.classes == 1:
        return hint
    kinds = _(
        "Use at least %(count)d kinds of these: capital letters, small letters, digits, other characters.",
        count=profile.classes,
    )
    return f"{hint} {kinds}"


class RosterForm(FlaskForm):
    """A roster file."""

    file = FileField(
        _l("Roster (xlsx or csv)"),
        description=_l("One person a row. Identity numbers must be formatted as text."),
        validators=[FileRequired(_l("Choose the roster file."))],
    )
