"""Forms of orders on keys and bodies, and of delegations."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, DateTimeLocalField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.text import _l
from app.credentials.states import KeyAct
from app.credentials.wording import KINDS
from app.credentials.wording_keys import ACTS, BODY_ACTS


class KeyOrderForm(FlaskForm):
    """What to do with which key, and why."""

    key = SelectField(_l("Key"), validators=[DataRequired(_l("Choose a key."))])
    act = SelectField(
        _l("What happens to it"), choices=[(act, text) for act, text in ACTS.items() if act != KeyAct.CERTIFY]
    )
    since = DateTimeLocalField(
        _l("Distrusted since"),
        description=_l("Only for a compromise: the first moment at which somebody else could have held the key."),
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        validators=[Optional()],
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("The second person reads this reason before deciding."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class SealCertificateForm(FlaskForm):
    """The chain that a certification authority made for the seal key, and why it is taken."""

    file = FileField(
        _l("Chain of certificates"),
        description=_l("The file in PEM that the authority sent back: your certificate and those of who issued it."),
        validators=[FileRequired(_l("Choose a file."))],
    )
    crl = TextAreaField(
        _l("Addresses of revocation lists"),
        description=_l("One a line, as the authority names them: where it says which of its certificates are revoked."),
        validators=[Optional(), Length(max=3000)],
    )
    ocsp = TextAreaField(
        _l("Addresses that answer by OCSP"),
        description=_l("One a line. An address in the certificates themselves is not asked unless it stands here."),
        validators=[Optional(), Length(max=3000)],
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("The second person reads this reason before deciding."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class DelegationForm(FlaskForm):
    """What a body may issue, and between which days; the page gives the bodies and the levels there are."""

    body = SelectField(_l("Issuing body"), validators=[DataRequired(_l("Choose an issuing body."))])
    kinds = SelectMultipleField(
        _l("Kinds of certificate"),
        choices=list(KINDS.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[DataRequired(_l("Choose at least one kind of certificate."))],
    )
    levels = SelectMultipleField(
        _l("Levels"),
        description=_l("The national levels and those that published rule packs define."),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    first_day = DateField(_l("First day of the delegation"), validators=[DataRequired(_l("Give the first day."))])
    last_day = DateField(
        _l("Last day of the delegation"),
        description=_l("Leave it empty for a delegation without an end."),
        validators=[Optional()],
    )


class BodyOrderForm(FlaskForm):
    """How the authority of a body ends, and why."""

    act = SelectField(_l("What happens to it"), choices=list(BODY_ACTS.items()))
    since = DateField(
        _l("First day that is not trusted"),
        description=_l("Only where trust is withdrawn: what the body issued from this day on is revoked."),
        validators=[Optional()],
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l(
            "The second person reads it before deciding; where trust is withdrawn, so does everyone who verifies."
        ),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class EndForm(FlaskForm):
    """Why a delegation ends."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=2000)])
