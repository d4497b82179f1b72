"""Forms of blueprints and papers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DecimalField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.assessment.exams.forms.parts import REQUIRED, NamedForm, two_places
from app.assessment.exams.rules.assembly import Cell
from app.assessment.exams.rules.blueprint import Exposure, Options, PointsRule, Tolerance
from app.assessment.exams.services.drafts import Draft
from app.core.text import _l
from app.items.states import COGNITIVE_LABELS, ItemType

MOST_IN_CELL = 200
MOST_OF_A_TYPE = 1000


class BlueprintForm(NamedForm):
    """A blueprint; the cells of its grid are added by `blueprint_form`."""

    level = SelectField(_l("Level"), validators=[DataRequired(REQUIRED)])
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

    expected_minutes = IntegerField(
        _l("Expected time of the whole paper in minutes"),
        description=_l("How long the items take by their types; empty asks nothing."),
        validators=[Optional(), NumberRange(min=1, max=600)],
    )
    difficulty_away = DecimalField(
        _l("Mean difficulty may lie off the target by"),
        places=3,
        description=_l("Such as 0.02; empty lets the paper come as near as it can."),
        validators=[Optional(), NumberRange(min=Decimal("0.001"), max=1)],
    )
    exposure_most = IntegerField(
        _l("Hold back items used so many times"), validators=[Optional(), NumberRange(min=1, max=100)]
    )
    exposure_sessions = IntegerField(
        _l("in so many of the last sessions"), validators=[Optional(), NumberRange(min=1, max=100)]
    )

    def options(self) -> Options:
        """Return what is asked beyond the grid."""
        given: dict[str, Any] = self.data
        kinds = [kind for kind in ItemType if type_name(kind, "count") in self]
        counts = {kind: given[type_name(kind, "count")] for kind in kinds}
        points = {kind: given[type_name(kind, "points")] for kind in kinds}
        minutes, most, sessions = given["expected_minutes"], given["exposure_most"], given["exposure_sessions"]
        return Options(
            expected_seconds=minutes * 60 if minutes else None,
            tolerance=Tolerance(difficulty=given["difficulty_away"] or None),
            exposure=Exposure(most=most, sessions=sessions) if most and sessions else None,
            types={kind: count for kind, count in counts.items() if count is not None},
            points=PointsRule(types={kind: one for kind, one in points.items() if one is not None}),
        )

    def validate_exposure_sessions(self, field: IntegerField) -> None:
        """Refuse half of an exposure limit."""
        if (field.data is None) != (self.exposure_most.data is None):
            raise ValidationError(_l("Give both figures of the exposure limit, or neither."))

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
            options=self.options(),
        )


def cell_name(module: str, level: str) -> str:
    """Name the field of a cell; module codes hold no hyphen."""
    return f"cell-{module}-{level}"


def type_name(kind: str, what: str) -> str:
    """Name the field of an item type; `what` is `count` or `points`."""
    return f"type-{kind}-{what}"


def counted_too(form: BlueprintForm, field: DecimalField) -> None:
    """Refuse points of an item type whose items are not counted, and more places than a record keeps."""
    two_places(form, field)
    if field.data is not None and form[field.name.replace("points", "count")].data is None:
        raise ValidationError(_l("Give the number of items of this type too."))


def type_fields(kind: str) -> dict[str, object]:
    """Return the two fields of an item type."""
    return {
        type_name(kind, "count"): IntegerField(
            _l("Items"), validators=[Optional(), NumberRange(min=0, max=MOST_OF_A_TYPE)]
        ),
        type_name(kind, "points"): DecimalField(
            _l("Points each"),
            places=2,
            validators=[Optional(), NumberRange(min=Decimal("0.01"), max=100), counted_too],
        ),
    }


def blueprint_form(
    modules: Sequence[str], types: Sequence[str], *, levels: list[tuple[str, str]], **values: object
) -> BlueprintForm:
    """Make the form with a cell for each module and cognitive level, and a row for each item type of the bank.

    `levels` are those that packs of the region know, with their codes.
    """
    cells = {
        cell_name(module, level): IntegerField(
            label, default=0, validators=[Optional(), NumberRange(min=0, max=MOST_IN_CELL)]
        )
        for module in modules
        for level, label in COGNITIVE_LABELS.items()
    }
    kinds = {name: field for kind in types for name, field in type_fields(kind).items()}
    made: BlueprintForm = type("GridForm", (BlueprintForm,), cells | kinds)(data=values or None)
    made.level.choices = levels
    return made


class PapersForm(FlaskForm):
    """How many parallel papers are drawn at once."""

    papers = IntegerField(
        _l("How many papers"), default=2, validators=[InputRequired(REQUIRED), NumberRange(min=2, max=20)]
    )


class FileForm(FlaskForm):
    """A blueprint as a file."""

    file = FileField(_l("Blueprint file"), validators=[FileRequired(_l("Choose a file."))])


class EnemyForm(FlaskForm):
    """Two items that may not stand together."""

    one = StringField(_l("Code of one item"), validators=[DataRequired(REQUIRED), Length(max=64)])
    other = StringField(_l("Code of the other item"), validators=[DataRequired(REQUIRED), Length(max=64)])
    reason = StringField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=200)])
