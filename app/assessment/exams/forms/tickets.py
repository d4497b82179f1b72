"""The form at the door of an exam."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.core.text import _l


class TicketForm(FlaskForm):
    """The code of an admission ticket."""

    ticket = StringField(
        _l("Code of your admission ticket"),
        validators=[InputRequired(_l("Enter the code printed on your admission ticket.")), Length(max=300)],
        description=_l(
            "32 letters, digits and signs, with capitals as printed; or the link of the code on the ticket."
        ),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
