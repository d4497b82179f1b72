"""Forms of the performance room."""

from collections.abc import Iterable, Mapping

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange

from app.core.errors import Text
from app.core.text import _l, pick
from app.performance.rules.indicators import Measured
from app.performance.states import APPRAISAL_LABELS, GRADE_LABELS

REASON_HINT = _l("The base reads this reason.")


class CycleForm(FlaskForm):
    """The year that is appraised and the last day of the self-reports."""

    year = IntegerField(
        _l("Year"),
        validators=[DataRequired(_l("Give the year.")), NumberRange(2000, 2100, _l("Between 2000 and 2100."))],
    )
    report_until = DateField(_l("Self-reports until"), validators=[DataRequired(_l("Give the last day."))])


class ReasonForm(FlaskForm):
    """The reason of a decision."""

    reason = TextAreaField(
        _l("Reason"),
        description=REASON_HINT,
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class RectificationForm(FlaskForm):
    """What a failed base plans and has done."""

    report = TextAreaField(
        _l("Plan and what was done"),
        description=_l("Say for each reason what was changed, by whom and by when."),
        validators=[DataRequired(_l("Describe the rectification.")), Length(max=5000)],
    )


class FilterForm(FlaskForm):
    """What to look for in the table of a cycle."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Name"))
    state = SelectField(_l("State"), choices=[("", _l("All states")), *APPRAISAL_LABELS.items()])
    grade = SelectField(_l("Appraisal grade"), choices=[("", _l("All grades")), *GRADE_LABELS.items()])


def value_field(code: str) -> str:
    """Return the name of the field of a reported value."""
    return f"value-{code}"


def file_field(code: str) -> str:
    """Return the name of the field of the file that proves it."""
    return f"file-{code}"


def report_form(reported: Iterable[Measured], answers: Mapping[str, str], *, posted: bool) -> FlaskForm:
    """Build the form of a self-report: one value and one file for each reported indicator."""
    fields: dict[str, object] = {}
    for one in reported:
        name, unit = pick(one.name_zh, one.name_en), pick(one.unit_zh, one.unit_en)
        label: Text = _l("%(name)s (%(unit)s)", name=name, unit=unit) if unit else name
        fields[value_field(one.code)] = StringField(label, default=answers.get(one.code, ""))
        fields[file_field(one.code)] = FileField(_l("File that proves “%(name)s”", name=name))
    made: type[FlaskForm] = type("ReportForm", (FlaskForm,), fields)
    return made() if posted else made(formdata=None)


def typed(form: FlaskForm, reported: Iterable[Measured]) -> dict[str, str]:
    """Return what was typed, by indicator."""
    return {one.code: form[value_field(one.code)].data or "" for one in reported}
