"""Forms of results."""

from flask_wtf import FlaskForm
from wtforms import (
    SelectField,
)

from app.core.text import _l


class PassedFilter(FlaskForm):
    """Filter of the list of results."""

    class Meta:
        """A filter changes nothing, so it needs no token."""

        csrf = False

    passed = SelectField(_l("Result"), choices=[("", _l("All")), ("yes", _l("Passed")), ("no", _l("Not passed"))])

    def chosen(self) -> bool | None:
        """Return whether to show passed ones, None for all."""
        return {"yes": True, "no": False}.get(self.passed.data or "")
