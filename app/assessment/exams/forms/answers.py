"""Forms of marking answers: points by criterion, as typed."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.text import _l


class StopForm(FlaskForm):
    """Why a marker is stopped."""

    person = HiddenField(validators=[DataRequired()])
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=1000)])


def typed(form: MultiDict[str, str], criteria: Mapping[str, Decimal]) -> dict[str, str]:
    """Return what was typed for each criterion."""
    return {name: form.get(f"points-{name}", "").strip()[:20] for name in criteria}


def points(texts: Mapping[str, str]) -> dict[str, Decimal | None]:
    """Read the points; None where no number was typed."""
    return {name: _number(text) for name, text in texts.items()}


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
