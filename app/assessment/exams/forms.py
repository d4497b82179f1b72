"""Forms of the exams room, and what the sitting page sends."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from flask_wtf import FlaskForm
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from wtforms import (
    DateTimeLocalField,
    DecimalField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.assessment.exams.rules.assembly import Cell
from app.assessment.exams.services.papers import Draft
from app.assessment.exams.services.sessions import Plan
from app.assessment.exams.services.sitting import Answer
from app.assessment.exams.states import SESSION_LABELS, SessionState
from app.core.clock import SHANGHAI
from app.core.text import _l
from app.items.states import COGNITIVE_LABELS
from app.rulebook.terms import LEVELS

REQUIRED = _l("Fill in this field.")
PLACES = 2
MOST_IN_CELL = 200
MOST_SAVES = 200
Letter = Annotated[str, StringConstraints(pattern=r"^[A-J]$")]


def two_places(form: FlaskForm, field: DecimalField) -> None:
    """Refuse a figure that the record could keep only rounded."""
    del form
    if field.data is not None and field.data != round(field.data, PLACES):
        raise ValidationError(_l("At most two decimal places."))


class NamedForm(FlaskForm):  # type: ignore[misc]
    """A record with a name in both languages."""

    name_zh = StringField(_l("Name in Chinese"), validators=[DataRequired(REQUIRED), Length(max=200)])
    name_en = StringField(_l("Name in English"), validators=[DataRequired(REQUIRED), Length(max=200)])


class BlueprintForm(NamedForm):
    """A blueprint; the cells of its grid are added by `blueprint_form`."""

    level = SelectField(_l("Level"), choices=list(LEVELS.items()), validators=[DataRequired(REQUIRED)])
    points_per_item = DecimalField(
        _l("Points per item"),
        places=2,
        validators=[InputRequired(REQUIRED), NumberRange(min=Decimal("0.01"), max=100), two_places],
    )
    minutes = IntegerField(_l("Minutes"), validators=[InputRequired(REQUIRED), NumberRange(min=1, max=600)])
    difficulty_target = DecimalField(
        _l("Difficulty target"),
        places=2,
        description=_l("Expected share of right answers, from 0.20 (hard) to 0.95 (easy)."),
        validators=[InputRequired(REQUIRED), NumberRange(min=Decimal("0.2"), max=Decimal("0.95")), two_places],
    )
    cut_score = DecimalField(
        _l("Cut score"), places=2, validators=[InputRequired(REQUIRED), NumberRange(min=0, max=100000), two_places]
    )

    def cells(self) -> dict[Cell, int]:
        """Return the grid: module and cognitive level to the number of items."""
        found = {}
        for field in self:
            if field.name.startswith("cell-"):
                _mark, module, level = field.name.split("-", 2)
                found[module, level] = field.data or 0
        return found

    def draft(self) -> Draft:
        """Return what was asked for."""
        given: dict[str, Any] = self.data
        return Draft(
            name_zh=given["name_zh"],
            name_en=given["name_en"],
            level=given["level"],
            cells=self.cells(),
            points_per_item=given["points_per_item"],
            minutes=given["minutes"],
            difficulty_target=given["difficulty_target"],
            cut_score=given["cut_score"],
        )


def cell_name(module: str, level: str) -> str:
    """Name the field of a cell; module codes hold no hyphen."""
    return f"cell-{module}-{level}"


def blueprint_form(modules: Sequence[str], **values: object) -> BlueprintForm:
    """Make the form with a cell for each module of the bank and each cognitive level."""
    cells = {
        cell_name(module, level): IntegerField(
            label, default=0, validators=[Optional(), NumberRange(min=0, max=MOST_IN_CELL)]
        )
        for module in modules
        for level, label in COGNITIVE_LABELS.items()
    }
    made: BlueprintForm = type("GridForm", (BlueprintForm,), cells)(data=values or None)
    return made


class SessionForm(NamedForm):
    """A session on a frozen paper; times are Shanghai time."""

    paper = SelectField(_l("Paper"), validators=[DataRequired(REQUIRED)])
    region = SelectField(
        _l("Region"),
        description=_l("Candidates of cohorts in this region may register."),
        validators=[DataRequired(REQUIRED)],
    )
    opens_at = DateTimeLocalField(_l("Window opens"), validators=[InputRequired(REQUIRED)])
    closes_at = DateTimeLocalField(
        _l("Window closes"),
        description=_l("Every sitting ends by then at the latest."),
        validators=[InputRequired(REQUIRED)],
    )
    minutes = IntegerField(
        _l("Minutes for each sitting"), validators=[InputRequired(REQUIRED), NumberRange(min=1, max=600)]
    )

    def plan(self) -> Plan:
        """Return what was asked for."""
        given: dict[str, Any] = self.data
        return Plan(
            name_zh=given["name_zh"],
            name_en=given["name_en"],
            opens_at=_instant(given["opens_at"]),
            closes_at=_instant(given["closes_at"]),
            minutes=given["minutes"],
            region_code=given["region"],
        )


def _instant(local: datetime) -> datetime:
    return local.replace(tzinfo=SHANGHAI)


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why a proposal goes back."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=1000)])


class StateFilter(FlaskForm):  # type: ignore[misc]
    """Filter of the list of sessions."""

    class Meta:
        """A filter changes nothing, so it needs no token."""

        csrf = False

    state = SelectField(_l("State"), choices=[("", _l("All")), *SESSION_LABELS.items()])

    def chosen(self) -> SessionState | None:
        """Return the state to show, None for all."""
        return SessionState(self.state.data) if self.state.data in set(SessionState) else None


class PassedFilter(FlaskForm):  # type: ignore[misc]
    """Filter of the list of results."""

    class Meta:
        """A filter changes nothing, so it needs no token."""

        csrf = False

    passed = SelectField(_l("Result"), choices=[("", _l("All")), ("yes", _l("Passed")), ("no", _l("Not passed"))])

    def chosen(self) -> bool | None:
        """Return whether to show passed ones, None for all."""
        return {"yes": True, "no": False}.get(self.passed.data or "")


class SentAnswer(BaseModel):
    """One answer as the sitting page sends it."""

    model_config = ConfigDict(extra="forbid")

    position: int = Field(gt=0, le=1000)
    sequence: int = Field(gt=0, le=2**31 - 1)
    choice: tuple[Letter, ...] = Field(max_length=10)
    review: bool = False
    client_at: AwareDatetime | None = None

    def answer(self) -> Answer:
        """Return what the service takes; letters sorted, each once."""
        return Answer(self.position, self.sequence, tuple(sorted(set(self.choice))), self.review, self.client_at)


class SentPage(BaseModel):
    """What every request of a sitting page names: itself."""

    model_config = ConfigDict(extra="forbid")

    page: str = Field(pattern=r"^[0-9a-zA-Z-]{8,40}$")


class SentSaves(SentPage):
    """Answers of one page."""

    answers: tuple[SentAnswer, ...] = Field(min_length=1, max_length=MOST_SAVES)


def form_answers(values: Any, places: int) -> dict[int, tuple[tuple[str, ...], bool]]:  # noqa: ANN401 - a MultiDict, which this layer does not name
    """Read a whole plain form: choices by place as shown, whether marked for review."""
    return {
        place: (
            tuple(sorted({one for one in values.getlist(f"a{place}") if len(one) == 1 and "A" <= one <= "J"})),
            f"r{place}" in values,
        )
        for place in range(1, places + 1)
    }
