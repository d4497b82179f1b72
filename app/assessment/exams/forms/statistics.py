"""Forms of statistics and similarity."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from app.assessment.exams.forms.parts import REQUIRED
from app.assessment.exams.statistics_states import (
    GROUPING_LABELS,
    MODEL_LABELS,
    PAIR_STATE_LABELS,
    DifClass,
    Model,
    PairState,
)
from app.core.text import _l
from app.panels.states import FIELD_LABELS


class ModelForm(FlaskForm):
    """Which model to compute."""

    model = SelectField(
        _l("Model"),
        choices=[("", _l("As the rule pack says")), *MODEL_LABELS.items()],
        description=_l("D = 1, ability standard normal; the 3PL has a Beta(5, 17) prior on c."),
    )

    def chosen(self) -> Model | None:
        """Return the model, None for the pack's own choice."""
        return Model(self.model.data) if self.model.data else None


class _Filter(FlaskForm):
    """A filter changes nothing, so it needs no token."""

    class Meta:
        """No token."""

        csrf = False


class ItemFilter(_Filter):
    """Filter of the items of a run."""

    flagged = SelectField(_l("Items"), choices=[("", _l("All")), ("yes", _l("Flagged only"))])


class DifFilter(_Filter):
    """Filter of the comparisons between groups."""

    grouping = SelectField(_l("Groups by"), choices=[("", _l("All")), *GROUPING_LABELS.items()])
    dif_class = SelectField(_l("DIF class"), choices=[("", _l("All")), *((one.value, one.value) for one in DifClass)])


class PairFilter(_Filter):
    """Filter of listed pairs."""

    state = SelectField(_l("State"), choices=[("", _l("All")), *PAIR_STATE_LABELS.items()])

    def chosen(self) -> PairState | None:
        """Return the state to show, None for all."""
        return PairState(self.state.data) if self.state.data in set(PairState) else None


class OpinionForm(FlaskForm):
    """What a member of the expert group says of a pair."""

    similar = RadioField(
        _l("Your opinion"),
        choices=[
            ("yes", _l("The answers were not found independently")),
            ("no", _l("The agreement can be explained otherwise")),
        ],
        validators=[InputRequired(REQUIRED)],
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("Which answers, seats and times speak for it. It is kept with the case."),
        validators=[InputRequired(_l("Give the reason.")), Length(min=5, max=2000)],
    )


class GroupForm(FlaskForm):
    """The expert group that is drawn for similar sittings."""

    pool = SelectField(_l("Pool that the experts are drawn from"), validators=[InputRequired(REQUIRED)])
    field = SelectField(_l("Field of the experts"), choices=[("", _l("any")), *FIELD_LABELS.items()])
    seats = IntegerField(
        _l("Experts to draw"), default=3, validators=[InputRequired(REQUIRED), NumberRange(min=2, max=50)]
    )


class FlagForm(FlaskForm):
    """What a reviewer decides of a flagged item."""

    decision = RadioField(
        _l("Decision"),
        choices=[
            ("keep", _l("Keep the item as it is")),
            ("revise", _l("Send it back for revision")),
            ("retire", _l("Retire the item")),
        ],
        validators=[InputRequired(REQUIRED)],
    )
    reason = TextAreaField(_l("Reason"), validators=[InputRequired(_l("Give the reason.")), Length(max=2000)])
