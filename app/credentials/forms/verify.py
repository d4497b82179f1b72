"""The form of a check: one thing to check, and the name that should be on it."""

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import Length

from app.core.text import _, _l
from app.credentials.rules.document import CREDENTIAL_LIMITS


class VerifyForm(FlaskForm):
    """What to verify: a number or link, a file, or a text; with a name to compare, if wished."""

    q = StringField(
        _l("Certificate number or link"),
        description=_l("The unified number stands on the certificate, the link beside its QR code."),
        validators=[Length(max=300, message=_l("At most 300 characters."))],
    )
    file = FileField(
        _l("File of the certificate, or a photo of its QR code"),
        description=_l("PDF, PNG, SVG, JSON, JWT or a photo, at most 4 MB. It is checked and not kept."),
    )
    text = TextAreaField(
        _l("Text of the certificate"),
        description=_l("The content of the file, or what a scanner read from the QR code."),
        validators=[Length(max=CREDENTIAL_LIMITS.size, message=_l("The text is longer than a certificate can be."))],
    )
    name = StringField(
        _l("Name on the certificate"),
        description=_l("With it you learn whether the certified name is the same."),
        validators=[Length(max=120, message=_l("At most 120 characters."))],
    )

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - as WTForms has it
        """Want exactly one thing to check, so that nobody takes the answer for that of another."""
        if not super().validate(extra_validators):
            return False
        given = [one for one in self._ways if one.data and (not isinstance(one.data, str) or one.data.strip())]
        if len(given) == 1:
            return True
        self.q.errors = [
            _("Give a number or link, choose a file, or paste a text.")
            if not given
            else _("Give either a number or link, a file, or a text, not several at once.")
        ]
        return False

    @property
    def _ways(self) -> tuple[Field, ...]:
        return (self.q, self.file, self.text)

    @property
    def given(self) -> Field:
        """Return the field that was filled in, where its error belongs."""
        return next((one for one in self._ways if one.data), self.q)
