"""Forms of waiting lists."""

from flask_wtf import FlaskForm
from wtforms import SelectField

from app.core.text import _l


class PlaceFilter(FlaskForm):
    """Filter of the places of a waiting list."""

    class Meta:
        """A filter changes nothing, so it needs no token."""

        csrf = False

    shown = SelectField(_l("Shown"), choices=[("", _l("Waiting or offered")), ("ended", _l("Ended"))])
