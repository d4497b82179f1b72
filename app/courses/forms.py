"""Forms of the courses room."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.text import _, _l
from app.courses.states import COHORT_LABELS, ENROLMENT_LABELS
from app.items.models import ItemVersion
from app.items.states import ItemType

MOST_PLACES = 100_000


class CohortForm(FlaskForm):
    """What a base plans."""

    name = StringField(_l("Name of the cohort"), validators=[DataRequired(_l("Give a name.")), Length(max=100)])
    course = SelectField(_l("Course"), validators=[InputRequired(_l("Choose a course."))])
    starts_on = DateField(_l("First day"), validators=[InputRequired(_l("Give the first day of the cohort."))])
    ends_on = DateField(_l("Last day"), validators=[InputRequired(_l("Give the last day of the cohort."))])
    capacity = IntegerField(
        _l("Places"),
        validators=[
            InputRequired(_l("Give the number of places.")),
            NumberRange(1, MOST_PLACES, _l("Between 1 and 100,000 places.")),
        ],
    )
    lecturers = SelectMultipleField(
        _l("Lecturers"),
        description=_l("Whoever trains a person cannot certify them later."),
        validators=[InputRequired(_l("Choose at least one lecturer."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


class ReasonForm(FlaskForm):
    """Why a trainee is withdrawn."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("The trainee and the authority can read it."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=1000)],
    )


class CohortFilter(FlaskForm):
    """Which cohorts to list."""

    class Meta:
        """A search changes nothing, so it carries no token."""

        csrf = False

    text = StringField(_l("Name of the cohort"))
    state = SelectField(_l("State"), choices=[("", _l("All")), *COHORT_LABELS.items()])


class TraineeFilter(FlaskForm):
    """Which trainees to list."""

    class Meta:
        """A search changes nothing, so it carries no token."""

        csrf = False

    text = StringField(_l("Full name"))
    state = SelectField(_l("State"), choices=[("", _l("All")), *ENROLMENT_LABELS.items()])


def quiz_form(items: Iterable[ItemVersion]) -> FlaskForm:
    """Build the form of a quiz: one field an item, named by the id of its version; the page shows what it asks."""
    fields = {f"item_{item.id}": _quiz_field(number, item) for number, item in enumerate(items, start=1)}
    made: type[FlaskForm] = type("QuizForm", (FlaskForm,), fields)
    return made()


def _quiz_field(number: int, item: ItemVersion) -> Any:  # noqa: ANN401 - WTForms calls it an unbound field
    label = _("Question %(number)d", number=number)
    choices = [(option["key"], option["key"]) for option in item.options]
    required = [InputRequired(_l("Choose an answer."))]
    if item.type is ItemType.MULTIPLE:
        return SelectMultipleField(
            label,
            choices=choices,
            description=_("More than one answer may be right."),
            validators=required,
            option_widget=CheckboxInput(),
            widget=ListWidget(prefix_label=False),
        )
    return RadioField(label, choices=choices, validators=required)


def quiz_answers(form: FlaskForm, items: Iterable[ItemVersion]) -> dict[int, list[str]]:
    """Return the chosen keys by the id of the item version."""
    data = {item.id: form[f"item_{item.id}"].data for item in items}
    return {one: [chosen] if isinstance(chosen, str) else list(chosen or ()) for one, chosen in data.items()}
