"""Forms of lists to check, by an employer or by anyone, and of result sheets."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.text import _l
from app.credentials.rules.sheets import LONGEST
from app.credentials.wording_holders import PURPOSES


class CheckForm(FlaskForm):
    """Why an employer checks a list, and the list."""

    purpose = SelectField(
        _l("Purpose of the check"),
        description=_l("Every holder on the list reads this, with your name and organisation."),
        choices=[("", _l("Choose a purpose")), *PURPOSES.items()],
        validators=[DataRequired(_l("Choose a purpose."))],
    )
    words = StringField(
        _l("In words"),
        description=_l("Such as the position or the project. It stands on the result sheet."),
        validators=[DataRequired(_l("Say in a few words what for.")), Length(max=200)],
    )
    consent = StringField(
        _l("Consent of the people on the list"),
        description=_l("Where their consent is filed: the form and its day, or the number of the file."),
        validators=[DataRequired(_l("Say where their consent is filed.")), Length(max=200)],
    )
    file = FileField(
        _l("List"),
        description=_l("CSV or xlsx with the numbers or links and, if known, the names; at most 10,000 rows and 4 MB."),
        validators=[FileRequired(_l("Choose a file."))],
    )
    number = HiddenField(validators=[DataRequired(), Length(min=26, max=26)])


class ListForm(FlaskForm):
    """A list that anyone has checked at once."""

    file = FileField(
        _l("List"),
        description=_l("CSV or xlsx with the numbers or links and, if known, the names; at most 5,000 rows and 4 MB."),
        validators=[FileRequired(_l("Choose a file."))],
    )


class SheetForm(FlaskForm):
    """A result sheet to check: its text, or the file with its rows."""

    text = TextAreaField(
        _l("Signature of the result sheet"),
        description=_l("The text of the .jws file, from its first to its last letter."),
        validators=[Length(max=LONGEST)],
    )
    file = FileField(
        _l("Result sheet"),
        description=_l("The xlsx, PDF or .jws file as it was downloaded. With xlsx or PDF the rows are compared, too."),
    )
