"""The page on which an item is written, and what reviewers say of it."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.errors import Text
from app.core.text import _l
from app.items.forms.records import REQUIRED
from app.items.models import Item
from app.items.queries import content_of
from app.items.rules import headings
from app.items.rules.content import LETTERS, NAME_LIMIT
from app.items.rules.editing import NEW_TYPES, fields_of
from app.items.rules.tables import cells_of
from app.items.states import COGNITIVE_LABELS, CREDIT_LABELS, TYPE_LABELS, WRITTEN, ItemType
from app.rulebook.terms import MODULES

LONGEST = 20_000
FEW = Length(max=LONGEST)
WORDS: Mapping[str, Mapping[str, str]] = {
    "module": headings.MODULES_BY_WORD,
    "level": headings.LEVELS_BY_WORD,
    "credit": {word: credit.value for word, credit in headings.CREDITS_BY_WORD.items()},
}
KEY_HINTS: Mapping[ItemType, Text] = {
    ItemType.SINGLE: _l("The letter of the right option."),
    ItemType.MULTIPLE: _l("The letters of all right options, such as ACD."),
    ItemType.BLANK: _l("One answer for each gap, parted by ###; other accepted answers of a gap after a |."),
    ItemType.NUMERIC: _l("The number with its tolerance, such as 12.5±0.1 or 12.5±4%."),
    ItemType.MATCHING: _l("Number and letter of each pair, such as 1-B,2-A."),
    ItemType.ORDERING: _l("The letters in the right order, such as CAB."),
    ItemType.SHORT_ANSWER: _l("What a full answer says; markers read it."),
    ItemType.ESSAY: _l("What a full answer says; markers read it."),
}


def _long(label: Text, hint: Text = "", *, needed: bool = False) -> TextAreaField:
    return TextAreaField(label, description=hint, validators=[DataRequired(REQUIRED), FEW] if needed else [FEW])


def _short(label: Text, hint: Text = "") -> StringField:
    return StringField(label, description=hint, validators=[Length(max=NAME_LIMIT)])


def _fields(kind: ItemType) -> dict[str, Any]:
    key_label = _l("Reference answer") if kind in WRITTEN else _l("Right answer")
    key: Field = _long(key_label, KEY_HINTS.get(kind, ""))
    if kind is ItemType.TRUE_FALSE:
        key = SelectField(key_label, choices=[("true", _l("True")), ("false", _l("False"))])
    return {
        "stem": _long(
            _l("Stem"), _l("A gap is written ____; a formula between dollar signs; a table in Markdown."), needed=True
        ),
        **{f"option{letter}": _long(_l("Option %(letter)s", letter=letter)) for letter in LETTERS},
        "key": key,
        "credit": SelectField(
            _l("Credit for a partly right answer"),
            default="",
            choices=[("", _l("As is usual for the type")), *CREDIT_LABELS.items()],
        ),
        "exact": _short(_l("Exactly as written"), _l("Yes or no for each gap, parted by ###.")),
        "tolerance": _short(_l("Tolerance"), _l("For every number that names none of its own.")),
        "unit": _short(_l("Unit of measure")),
        "units": _short(_l("Other units"), _l("Name and factor of each, such as mm=0.001.")),
        "unitasked": BooleanField(_l("The candidate must write the unit")),
        "prompts": _long(_l("What is to be matched"), _l("Parted by ###.")),
        "rubric": _long(_l("Marking rubric"), _l("A line for each criterion: name|points|guidance.")),
        "explanation": _long(_l("Explanation")),
        "module": SelectField(_l("Module"), choices=list(MODULES.items())),
        "level": SelectField(_l("Cognitive level"), choices=list(COGNITIVE_LABELS.items())),
        "coefficient": _short(_l("Difficulty coefficient"), _l("The share expected to answer rightly, 0 to 1.")),
        "topic": _short(_l("Topic"), _l("Competency or topic; several with a comma between.")),
        "law": _short(_l("Law or source")),
        "article": _short(_l("Article")),
        "edition": _short(_l("Edition")),
        "read": BooleanField(_l("Read in the original")),
    }


class WrittenForm(FlaskForm):
    """What every form of an item has: its code, and the version it was opened on."""

    number = HiddenField()

    def cells(self) -> dict[str, str]:
        """Return the cells of a table row as the author wrote them."""
        given = {field.name: field.data for field in self if field.name not in {"number", "csrf_token"}}
        return {name: _said(value) for name, value in given.items()}


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")


def item_form(kind: ItemType, *, new: bool) -> type[WrittenForm]:
    """Make the form of a type; a new item has a code field too, which may stay empty."""
    fields: dict[str, Any] = _fields(kind)
    chosen = {name: fields[name] for name in fields_of(kind)}
    if new:
        hint = _l("Letters, digits, dot, hyphen, underscore. Left empty, it follows from the wording.")
        chosen = {"code": _short(_l("Code"), hint), **chosen}
    for place, field in enumerate(chosen.values()):
        # a form asks for its fields in the order in which they were made, not in which it is given them
        field.creation_counter = place
    return cast("type[WrittenForm]", type("ItemForm", (WrittenForm,), chosen))


def filled(item: Item) -> WrittenForm:
    """Return the form of an item filled with its latest version."""
    version = item.versions[-1]
    cells = cells_of(content_of(item.code, version))
    data: dict[str, object] = {name: _shown(name, text) for name, text in cells.items()}
    if version.type is ItemType.TRUE_FALSE:
        data["key"] = "true" if "A" in version.key else "false"
    return item_form(version.type, new=False)(data={**data, "number": str(item.number)})


def _shown(name: str, text: str) -> object:
    if name in {"read", "unitasked"}:
        return headings.truth(text) is True
    return WORDS[name].get(headings.plain_word(text), text) if name in WORDS else text


def tell(form: WrittenForm, faults: Iterable[tuple[str, Text]]) -> None:
    """Show what is wrong beside the fields it is about, or else the stem; not where the form refused a field itself."""
    named = [(form[name] if name in form else form["stem"], words) for name, words in faults]
    refused = {field.name for field in form if field.errors}
    for field, words in named:
        if field.name not in refused:
            field.errors = [*field.errors, str(words)]


class TypeForm(FlaskForm):
    """Which type of item is to be written."""

    class Meta:
        """The choice travels in the address."""

        csrf = False

    type = SelectField(_l("Item type"), choices=[(one.value, TYPE_LABELS[one]) for one in NEW_TYPES])


class RevisionForm(FlaskForm):
    """What the author should change."""

    words = TextAreaField(
        _l("What to change"),
        description=_l("The author reads it. Papers that hold the item keep the present version."),
        validators=[DataRequired(_l("Say what to change.")), Length(max=2000)],
    )


class CommentForm(FlaskForm):
    """A comment on an item."""

    comment = TextAreaField(
        _l("Comment"),
        description=_l("Read by everybody who may see the bank; it cannot be taken back."),
        validators=[DataRequired(_l("Write the comment.")), Length(max=2000)],
    )


class ClearForm(FlaskForm):
    """Why two items that look alike may both stay."""

    words = StringField(
        _l("Why both may stay"),
        validators=[DataRequired(_l("Say how the two differ.")), Length(max=500)],
    )
    first = HiddenField(validators=[DataRequired()])
    second = HiddenField(validators=[DataRequired()])
