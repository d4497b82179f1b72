"""The page on which an item is written, and what reviewers say of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, ClassVar, NamedTuple, cast

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.errors import Text
from app.core.text import _l
from app.items.forms.records import REQUIRED
from app.items.models import Item
from app.items.queries import content_of
from app.items.rules import headings
from app.items.rules.building import PARTS_LIMIT
from app.items.rules.content import LETTERS, NAME_LIMIT
from app.items.rules.editing import PART_TYPES, WrittenPart, fields_of, part_fields_of, part_name
from app.items.rules.tables import cells_of, sub_cells_of
from app.items.rules.words import plain_word
from app.items.states import COGNITIVE_LABELS, CREDIT_LABELS, TYPE_LABELS, WRITTEN, ItemType

LONGEST = 20_000
SHORT_TEXT = 2
"""So many lines a box begins with where little is written."""
USUAL_OPTIONS = 4
"""So many options an item mostly has; the boxes of further ones stand behind a name."""
LEAST_OPTIONS = 2
FEW = Length(max=LONGEST)
WORDS: Mapping[str, Mapping[str, str]] = {
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


class Asked:
    """Marks what an item cannot do without; which words refuse it is up to the rules of its type."""

    field_flags: ClassVar[Mapping[str, bool]] = {"required": True}

    def __call__(self, _form: object, _field: Field) -> None:
        """Refuse nothing."""


def _long(label: Text, hint: Text = "", *, needed: bool = False) -> TextAreaField:
    return TextAreaField(label, description=hint, validators=[DataRequired(REQUIRED), FEW] if needed else [FEW])


def _brief(label: Text, hint: Text = "", *, asked: bool = False) -> TextAreaField:
    """Return a field for a line or two, which an item cannot do without where it is `asked`."""
    return TextAreaField(
        label, description=hint, validators=[Asked(), FEW] if asked else [FEW], render_kw={"rows": SHORT_TEXT}
    )


def _short(label: Text, hint: Text = "") -> StringField:
    return StringField(label, description=hint, validators=[Length(max=NAME_LIMIT)])


def _fields(kind: ItemType) -> dict[str, Any]:
    """Return the fields of the cells that a type may have."""
    key_label = _l("Reference answer") if kind in WRITTEN else _l("Right answer")
    hint = KEY_HINTS.get(kind, "")
    key: Field = _long(key_label, hint) if kind in WRITTEN else _brief(key_label, hint, asked=True)
    if kind is ItemType.TRUE_FALSE:
        key = SelectField(key_label, choices=[("true", _l("True")), ("false", _l("False"))])
    return {
        "stem": _long(
            _l("Shared material") if kind is ItemType.CASE else _l("Stem"),
            _l("A gap is written ____; a formula between dollar signs; a table in Markdown."),
            needed=True,
        ),
        **{
            f"option{letter}": _brief(_l("Option %(letter)s", letter=letter), asked=place < LEAST_OPTIONS)
            for place, letter in enumerate(LETTERS)
        },
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
        "points": _short(_l("Weight within the case"), _l("Its share of the points against the other sub-items.")),
        "level": SelectField(_l("Cognitive level"), choices=list(COGNITIVE_LABELS.items())),
        "coefficient": _short(_l("Difficulty coefficient"), _l("The share expected to answer rightly, 0 to 1.")),
        "topic": _short(_l("Topic"), _l("Competency or topic; several with a comma between.")),
        "law": _short(_l("Law or source")),
        "article": _short(_l("Article")),
        "edition": _short(_l("Edition")),
        "read": BooleanField(_l("Read in the original")),
    }


class Boxes(NamedTuple):
    """Fields that stand together; `further` ones stand behind a name until one of them is used."""

    further: bool
    fields: list[Field]

    @property
    def open(self) -> bool:
        """Tell whether something was written there, or is to be corrected."""
        return any(field.data or field.errors for field in self.fields)


class WrittenForm(FlaskForm):
    """What every form of an item has: the version it was opened on, the types of its sub-items, a file to add."""

    number = HiddenField()
    parts = HiddenField()

    def cells(self) -> dict[str, str]:
        """Return the cells of a table row as the author wrote them."""
        return {field.name: _said(field.data) for field in self.of_part(0) if field.name not in BESIDE}

    def sub_items(self) -> list[WrittenPart]:
        """Return the sub-items as the author wrote them."""
        return [WrittenPart(kind, self._part_cells(number)) for number, kind in enumerate(part_types(self.parts), 1)]

    def _part_cells(self, number: int) -> dict[str, str]:
        before = part_name(number, "")
        return {field.name.removeprefix(before): _said(field.data) for field in self.of_part(number)}

    def of_part(self, number: int) -> list[Field]:
        """Return the fields of a sub-item that are shown, in order; those of the item itself for 0."""
        shown = [field for field in self if field.type not in {"HiddenField", "CSRFTokenField"}]
        return [field for field in shown if part_of(field.name) == number and field.name not in FILE_FIELDS]

    def boxes(self, number: int) -> list[Boxes]:
        """Return the fields of a sub-item as they stand together, those of the item itself for 0."""
        fields = [field for field in self.of_part(number) if field.name != "sub_type"]
        return [Boxes(further, list(listed)) for further, listed in groupby(fields, key=_is_further)]

    def texts(self) -> list[str]:
        """Return the fields that may show a picture or attachment."""
        return [str(value) for value, *_label in cast("SelectField", self["stands"]).iter_choices()]

    @property
    def kinds(self) -> list[ItemType]:
        """Return the types of the sub-items."""
        return part_types(self.parts)


FILE_FIELDS = ("enclosed", "shows", "stands")
BESIDE = (*FILE_FIELDS, "sub_type")
"""The fields of the form that are no cells."""
FURTHER = tuple(f"option{letter}" for letter in LETTERS[USUAL_OPTIONS:])
PART = re.compile(r"part(\d+)-")


def _is_further(field: Field) -> bool:
    return field.name.endswith(FURTHER)


def part_of(name: str) -> int:
    """Return the number of the sub-item that a field belongs to, 0 for those of the item itself."""
    found = PART.match(name)
    return int(found[1]) if found else 0


def part_types(field: Field) -> list[ItemType]:
    """Return the types of the sub-items that a form has; what is no such type is left out."""
    return [ItemType(one) for one in str(field.data or "").split(",") if one in set(PART_TYPES)][:PARTS_LIMIT]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")


def item_form(
    kind: ItemType, modules: Mapping[str, Text], *, new: bool, parts: Sequence[ItemType] = ()
) -> type[WrittenForm]:
    """Make the form of a type with its sub-items; a new item has a code field too, which may stay empty."""
    fields: dict[str, Any] = {**_fields(kind), "module": SelectField(_l("Module"), choices=list(modules.items()))}
    chosen = {name: fields[name] for name in fields_of(kind)}
    for number, one in enumerate(parts, 1):
        of_part = _fields(one)
        chosen |= {part_name(number, name): of_part[name] for name in part_fields_of(one)}
    if new:
        hint = _l("Letters, digits, dot, hyphen, underscore. Left empty, it follows from the wording.")
        chosen = {"code": _short(_l("Code"), hint), **chosen}
    if kind is ItemType.CASE:
        types = [(one.value, TYPE_LABELS[one]) for one in PART_TYPES]
        chosen["sub_type"] = SelectField(_l("Type of a further sub-item"), choices=types, validate_choice=False)
    chosen |= _file_fields(kind, parts)
    for place, field in enumerate(chosen.values()):
        # a form asks for its fields in the order in which they were made, not in which it is given them
        field.creation_counter = place
    return cast("type[WrittenForm]", type("ItemForm", (WrittenForm,), chosen))


def _file_fields(kind: ItemType, parts: Sequence[ItemType]) -> dict[str, Any]:
    """Return the fields that add a picture or attachment, and say where it stands."""
    texts = [
        ("stem", _l("Shared material") if kind is ItemType.CASE else _l("Stem")),
        ("explanation", _l("Explanation")),
    ]
    options = [(f"option{letter}", _l("Option %(letter)s", letter=letter)) for letter in LETTERS]
    texts += [one for one in options if one[0] in fields_of(kind)]
    for number, one in enumerate(parts, 1):
        of_part = [("stem", _l("Stem")), ("explanation", _l("Explanation")), *options]
        texts += [
            (part_name(number, name), _l("Sub-item %(number)s: %(field)s", number=number, field=label))
            for name, label in of_part
            if name in part_fields_of(one)
        ]
    return {
        "enclosed": FileField(
            _l("Picture or attachment"),
            description=_l(
                "PNG, JPEG, GIF, WebP, PDF, text or CSV, at most 5 MB. SVG is not taken: it can hold scripts."
            ),
        ),
        "shows": _short(
            _l("What the picture shows"),
            _l(
                "Read out to whoever cannot see it, so every picture needs it. Of an attachment, the words of its link."
            ),
        ),
        "stands": SelectField(_l("Stands at the end of"), choices=texts, validate_choice=False),
    }


def filled(item: Item, modules: Mapping[str, Text]) -> WrittenForm:
    """Return the form of an item filled with its latest version."""
    version = item.versions[-1]
    content = content_of(item.code, version)
    kinds = [one.type for one in content.body.parts]
    data: dict[str, object] = {**_filled(cells_of(content), version.type), "module": content.module}
    for number, (kind, cells) in enumerate(zip(kinds, sub_cells_of(content), strict=True), 1):
        data |= {part_name(number, name): said for name, said in _filled(cells, kind).items()}
    hidden = {"number": str(item.number), "parts": ",".join(kinds)}
    return item_form(version.type, modules, new=False, parts=kinds)(data={**data, **hidden})


def _filled(cells: Mapping[str, str], kind: ItemType) -> dict[str, object]:
    data = {name: _shown(name, text) for name, text in cells.items()}
    if kind is ItemType.TRUE_FALSE:
        data["key"] = "true" if headings.truth(cells["key"]) else "false"
    return data


def _shown(name: str, text: str) -> object:
    if name in {"read", "unitasked"}:
        return headings.truth(text) is True
    return WORDS[name].get(plain_word(text), text) if name in WORDS else text


def asked_anew(
    form: WrittenForm, kind: ItemType, modules: Mapping[str, Text], *, new: bool, left: int | None
) -> WrittenForm:
    """Return a form with a further sub-item of the chosen type, or without the one that is `left` out."""
    kinds = form.kinds
    data = {field.name: field.data for field in form if field.name != "enclosed"}
    kept = [number for number in range(1, len(kinds) + 1) if number != left]
    moved = {name: value for name, value in data.items() if part_of(name) == 0}
    stands = str(data["stands"] or "")
    if part_of(stands) == left:
        moved["stands"] = "stem"
    for now, number in enumerate(kept, 1):
        before = part_name(number, "")
        moved |= {
            part_name(now, name.removeprefix(before)): value for name, value in data.items() if name.startswith(before)
        }
        if part_of(stands) == number:
            moved["stands"] = part_name(now, stands.removeprefix(before))
    types = [kinds[number - 1] for number in kept]
    if left is None and len(types) < PARTS_LIMIT:
        types.append(next((one for one in PART_TYPES if one == form["sub_type"].data), ItemType.SINGLE))
    moved["parts"] = ",".join(types)
    return item_form(kind, modules, new=new, parts=types)(formdata=None, data=moved)


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

    type = SelectField(_l("Item type"), choices=[(one.value, TYPE_LABELS[one]) for one in ItemType])


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
