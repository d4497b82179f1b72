"""Forms of the credentials room."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.text import _l
from app.credentials.wording import BODY_REVOCATIONS, KINDS


class PrepareForm(FlaskForm):
    """Which kind of certificate to gather into a batch."""

    kind = SelectField(_l("Kind of certificate"), choices=list(KINDS.items()))


class ApproveForm(FlaskForm):
    """What was looked at when a batch is approved, and whether its approver vouches for what no office decided."""

    digest = HiddenField()
    vouched = BooleanField(_l("I compared these rows with the decisions on file and vouch for them"))


class RejectForm(FlaskForm):
    """Why a batch is rejected."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("Whoever prepared the batch reads this reason."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class TakeBackForm(FlaskForm):
    """Why a row of a request file is taken back."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("It stays on record with the row."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class RevokeForm(FlaskForm):
    """Why a certificate is revoked."""

    reason = SelectField(
        _l("Reason"),
        choices=[("", _l("Choose a reason")), *BODY_REVOCATIONS.items()],
        description=_l("Everybody who checks the certificate reads this reason."),
        validators=[DataRequired(_l("Choose a reason."))],
    )
    note = TextAreaField(
        _l("Note for the file"),
        description=_l("Kept with the record and not published: the decision, its number, its date."),
        validators=[Length(max=2000)],
    )


class FilterForm(FlaskForm):
    """What to look for among issued certificates."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Name or unified number"))
