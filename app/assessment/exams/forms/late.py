"""Forms about answers that came late."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.text import _l


class MultiCheckboxField(SelectMultipleField):
    """Several answers as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ProposalForm(FlaskForm):
    """What the first examiner proposes for the answers chosen."""

    answers = MultiCheckboxField(_l("Answers"), validators=[InputRequired(_l("Choose at least one answer."))])
    counts = RadioField(
        _l("Do they count?"),
        choices=[("yes", _l("They count")), ("no", _l("They do not count"))],
        validators=[InputRequired(_l("Choose one of the two."))],
    )
    reason = TextAreaField(
        _l("Reason"), validators=[InputRequired(_l("Say why. The second examiner reads it.")), Length(max=2000)]
    )


def proposal_form(choices: Sequence[tuple[str, str]]) -> ProposalForm:
    """Return the form over the answers that wait, all of them chosen at first."""
    form = ProposalForm(data={"answers": [code for code, _label in choices]})
    form.answers.choices = list(choices)
    return form
