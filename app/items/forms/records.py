"""Forms of the item bank."""

from collections.abc import Mapping

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from app.core.errors import Text
from app.core.text import _l
from app.items.queries import Choice
from app.items.rules.content import Defaults
from app.items.rules.words import ModuleWords
from app.items.states import (
    COGNITIVE_LABELS,
    PURPOSE_LABELS,
    READ_KINDS,
    STATE_LABELS,
    TYPE_LABELS,
    WRITTEN_KINDS,
    FileKind,
)

REQUIRED = _l("Fill in this field.")
KINDS: dict[str, Text] = {
    FileKind.GIFT: _l("GIFT text"),
    FileKind.MOODLE_XML: _l("Moodle XML"),
    FileKind.QTI: _l("QTI package, any version"),
    FileKind.QTI2: _l("QTI 2.2 package"),
    FileKind.QTI3: _l("QTI 3.0 package"),
    FileKind.AIKEN: _l("Aiken text"),
    FileKind.XLSX: _l("Workbook (xlsx)"),
    FileKind.CSV: _l("Table (CSV)"),
}
EASE: dict[str, Text] = {
    "0.80": _l("Easy (0.80)"),
    "0.60": _l("Medium (0.60)"),
    "0.40": _l("Hard (0.40)"),
}


def _or(first: Text, labels: Mapping[str, Text]) -> list[tuple[str, Text]]:
    """Return choices with an empty one before them."""
    return [("", first), *((str(code), label) for code, label in labels.items())]


class BankForm(FlaskForm):
    """A new bank."""

    code = StringField(
        _l("Code"),
        description=_l("2 to 20 capital letters, digits and hyphens, such as JJ-JUNIOR. It cannot be changed later."),
        validators=[DataRequired(REQUIRED), Length(max=20)],
    )
    name_zh = StringField(_l("Name in Chinese"), validators=[DataRequired(REQUIRED), Length(max=200)])
    name_en = StringField(_l("Name in English"), validators=[DataRequired(REQUIRED), Length(max=200)])
    purpose = SelectField(_l("Used for"), choices=list(PURPOSE_LABELS.items()))
    reviewers = SelectField(
        _l("Reviewers who must accept each version"),
        description=_l("None of them may have written it. Two are usual for exams, one for lesson quizzes."),
        choices=[("2", "2"), ("1", "1"), ("3", "3")],
    )


class FilterForm(FlaskForm):
    """What the list of items is narrowed to."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Words in the stem, topic or code"))
    module = SelectField(_l("Module"), default="")
    level = SelectField(_l("Cognitive level"), default="", choices=_or(_l("All"), COGNITIVE_LABELS))
    type = SelectField(_l("Item type"), default="", choices=_or(_l("All"), TYPE_LABELS))
    state = SelectField(_l("State"), default="", choices=_or(_l("All"), STATE_LABELS))

    def __init__(self, given: Mapping[str, str], modules: Mapping[str, Text]) -> None:
        super().__init__(given)
        self.module.choices = _or(_l("All"), modules)

    def choice(self) -> Choice:
        """Return the choice; a value that no list offers chooses nothing."""
        self.validate()
        return Choice(**{field.name: (field.data or "").strip() for field in self if not field.errors})


class UploadForm(FlaskForm):
    """A file of items, and what stands in for metadata it does not give."""

    file = FileField(
        _l("File of items"),
        description=_l(
            "GIFT, Moodle XML, a QTI 2 or QTI 3 package, Aiken, xlsx or CSV with at most 2,000 items; "
            "text in UTF-8, GBK or GB18030."
        ),
        validators=[FileRequired(_l("Choose the file."))],
    )
    kind = SelectField(
        _l("Kind of file"), default="", choices=_or(_l("As its name says"), {kind: KINDS[kind] for kind in READ_KINDS})
    )
    module = SelectField(_l("Module of items that name none"), default="")
    level = SelectField(
        _l("Cognitive level of items that name none"),
        default="",
        choices=_or(_l("Report such items"), COGNITIVE_LABELS),
    )
    difficulty = SelectField(
        _l("Difficulty of items that name none"), default="", choices=_or(_l("Report such items"), EASE)
    )

    def __init__(self, modules: Mapping[str, Text]) -> None:
        super().__init__()
        self.module.choices = _or(_l("Report such items"), modules)

    def defaults(self, words: ModuleWords) -> Defaults:
        """Return what stands in for missing metadata, and the words of the modules there are."""
        return Defaults(self.module.data or None, self.level.data or None, self.difficulty.data or None, words)


class CommitForm(FlaskForm):
    """Whether one bad item keeps all others out."""

    how = RadioField(
        _l("If items cannot be imported"),
        choices=[
            ("all", _l("Import all items or none")),
            ("good", _l("Import the good ones and leave the others out")),
        ],
        validators=[InputRequired(_l("Choose one of the two."))],
    )


class ExportForm(FlaskForm):
    """As which file a bank is taken out."""

    kind = SelectField(_l("Kind of file"), choices=[(kind.value, KINDS[kind]) for kind in WRITTEN_KINDS])
    retired = BooleanField(_l("Retired items too"))
    agreed = HiddenField()


class ReasonForm(FlaskForm):
    """Why an item is retired."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("The author reads it, and so does whoever asks later why the item is gone."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=1000)],
    )
