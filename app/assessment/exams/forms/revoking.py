"""Form of the revocation of a registration."""

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.assessment.exams.administration_states import REVOCATION_LABELS, RevocationReason
from app.core.text import _l


class RevocationForm(FlaskForm):
    """Why a registration is revoked: one of a closed list, and a sentence to the candidate."""

    reason = RadioField(
        _l("Reason"),
        choices=[(one.value, label) for one, label in REVOCATION_LABELS.items()],
        validators=[DataRequired(_l("Give the reason."))],
    )
    words = TextAreaField(
        _l("To the candidate"),
        description=_l("Say in a sentence what was found and on what it stands. The candidate reads it."),
        validators=[DataRequired(_l("Say in a sentence what was found.")), Length(max=1000)],
    )

    @property
    def chosen(self) -> RevocationReason:
        """Return the reason."""
        return RevocationReason(self.reason.data)
