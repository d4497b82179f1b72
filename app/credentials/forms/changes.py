"""Forms of what happens to certificates after their issue."""

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.core.text import _l
from app.credentials.states import NOT_OF_BODIES, OF_ROOMS, Act
from app.credentials.wording import BODY_REVOCATIONS, KINDS, STANDINGS, SUSPENSION_REASONS
from app.credentials.wording_changes import ACTS, REISSUE_REASONS
from app.rulebook import queries as rulebook

ANY = ("", _l("All"))
NONE_CHOSEN = ("", _l("Choose a reason"))
NOTE = _l("Kept with the record and not published: the decision, its number, its date.")
# That a revocation was set aside or a body ended is for the authority to say
BODY_REASONS = {code: text for code, text in REISSUE_REASONS.items() if code not in NOT_OF_BODIES}
# What another office decides is for that office to say
BODY_SUSPENSIONS = {code: text for code, text in SUSPENSION_REASONS.items() if code not in OF_ROOMS}
REASONS_OF = {Act.REVOKE: BODY_REVOCATIONS, Act.SUSPEND: BODY_SUSPENSIONS, Act.REISSUE: BODY_REASONS}


class IssuedForm(FlaskForm):
    """What to look for among issued certificates."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Name or unified number"))
    standing = SelectField(
        _l("State"),
        choices=[ANY, *((code, label) for code, (label, _tone) in STANDINGS.items())],
        validate_choice=False,
    )
    kind = SelectField(_l("Kind"), choices=[ANY, *KINDS.items()], validate_choice=False)
    level = SelectField(_l("Level"), validate_choice=False)
    since = DateField(_l("Issued from"), validators=[Optional()])
    to = DateField(_l("Issued until"), validators=[Optional()])

    def __init__(self, *args: Any, **given: Any) -> None:  # noqa: ANN401 - as FlaskForm
        super().__init__(*args, **given)
        self.level.choices = [ANY, *rulebook.level_choices()]


class SuspendForm(FlaskForm):
    """Why and until when a certificate does not count."""

    reason = SelectField(
        _l("Reason"),
        choices=[NONE_CHOSEN, *BODY_SUSPENSIONS.items()],
        description=_l("Everybody who checks the certificate reads this reason."),
        validators=[DataRequired(_l("Choose a reason."))],
    )
    until = DateField(
        _l("Last day of the suspension"),
        description=_l("Left empty, it lasts until another issuer reinstates the certificate."),
        validators=[Optional()],
    )
    note = TextAreaField(_l("Note for the file"), description=NOTE, validators=[Length(max=2000)])


class ReinstateForm(FlaskForm):
    """Why a suspended certificate counts again."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("The holder reads this reason."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class ReissueForm(FlaskForm):
    """Why a certificate is made anew, and what is corrected."""

    because = SelectField(
        _l("Reason"),
        choices=[NONE_CHOSEN, *BODY_REASONS.items()],
        validators=[DataRequired(_l("Choose a reason."))],
    )
    hours = DecimalField(
        _l("Class hours"),
        description=_l("Give them only where they are to be corrected."),
        places=None,
        validators=[Optional(), NumberRange(min=0, max=99999, message=_l("Give the class hours as a figure."))],
    )


class DeclineForm(FlaskForm):
    """Why a certificate is not made anew."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("The holder reads this reason."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class ChangeForm(FlaskForm):
    """What is to be done to many certificates, and why."""

    reason = SelectField(
        _l("Reason"),
        description=_l("Everybody who checks the certificate reads this reason."),
        validators=[DataRequired(_l("Choose a reason."))],
    )
    until = DateField(
        _l("Last day of the suspension"),
        description=_l("Left empty, it lasts until another issuer reinstates the certificate."),
        validators=[Optional()],
    )
    note = TextAreaField(_l("Note for the file"), description=NOTE, validators=[Length(max=2000)])

    def __init__(self, act: Act, *args: Any, **given: Any) -> None:  # noqa: ANN401 - as FlaskForm
        super().__init__(*args, **given)
        self.reason.choices = [NONE_CHOSEN, *REASONS_OF[act].items()]
        if act is not Act.SUSPEND:
            del self.until
        if act is Act.REISSUE:
            del self.note


class ChangeFileForm(ChangeForm):
    """A list of certificates to change, as a file; its rows may give reasons of their own."""

    reason = SelectField(_l("Reason"), description=_l("For every certificate whose row gives none of its own."))
    file = FileField(
        _l("List of certificates"),
        description=_l("xlsx or csv with the column of unified numbers, and one of reasons where they differ."),
        validators=[FileRequired(_l("Choose the file."))],
    )


class ActForm(FlaskForm):
    """Which act a list is for."""

    class Meta:
        """The choice travels in the address."""

        csrf = False

    act = SelectField(_l("What to do"), choices=list(ACTS.items()))
