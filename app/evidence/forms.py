"""Forms of the evidence room; the form of a kind is built from its table of fields."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.accounts.models import Person, Region
from app.core.text import _l, pick
from app.evidence.models import Evidence
from app.evidence.rules.fields import FIELDS, Field, FieldType
from app.evidence.rules.reading import LONGEST, Problem
from app.evidence.services.entry import CONTRACT
from app.evidence.states import FINDING_LABELS, KIND_LABELS, PAPERS, STATE_LABELS, Answer, Kind
from app.rulebook.verdicts import Outcome

LONGEST_REASON = 1000
INPUTS = {
    FieldType.DAY: {"type": "date"},
    FieldType.MONEY: {"inputmode": "decimal", "autocomplete": "off"},
    FieldType.PERCENT: {"inputmode": "decimal", "autocomplete": "off"},
    FieldType.HOURS: {"inputmode": "decimal", "autocomplete": "off"},
    FieldType.NUMBER: {"autocomplete": "off", "spellcheck": "false"},
    FieldType.CREDIT_CODE: {"autocomplete": "off", "spellcheck": "false"},
}
UNITS = {FieldType.MONEY: _l("yuan"), FieldType.PERCENT: "%", FieldType.HOURS: _l("class hours")}
STANDINGS = (
    (Outcome.MET.value, _l("All conditions met")),
    (Outcome.UNKNOWN.value, _l("Some conditions unknown")),
    (Outcome.NOT_MET.value, _l("Some conditions not met")),
)


class _Needed:
    """Marks a field as needed without refusing a draft that is not complete yet."""

    field_flags = {"required": True}  # noqa: RUF012 - WTForms reads it from the class

    def __call__(self, form: object, field: object) -> None:
        """Accept anything: a draft keeps what was typed; declaring says what is missing."""


def record_form(
    kind: Kind,
    *,
    contracts: Sequence[Evidence] = (),
    people: Sequence[Person] = (),
    data: Mapping[str, str] | None = None,
    typed: bool = True,
) -> FlaskForm:
    """Return the form of a kind; `people` are those for whom an organisation enters, `contracts` what a paper joins.

    `data` fills it; what the request holds goes before, unless it is not what was `typed` into this form.
    """
    fields: dict[str, Any] = {}
    if people:
        fields["person"] = SelectField(
            _l("Person"),
            choices=[("", _l("Choose")), *((one.code, one.name) for one in people)],
            validators=[InputRequired(_l("Choose the person."))],
        )
    fields |= {one.name: _input(one) for one in FIELDS[kind]}
    if kind in PAPERS:
        named = [(one.series, f"{one.number} · {one.title}") for one in contracts]
        fields[CONTRACT] = SelectField(
            _l("Belongs to the contract"),
            choices=[("", _l("Not linked yet")), *named],
            validate_choice=False,
        )
    given: dict[str, Any] = {"data": data} if typed else {"data": data, "formdata": None}
    form: FlaskForm = type("RecordForm", (FlaskForm,), fields)(**given)
    return form


def _input(field: Field) -> Any:  # noqa: ANN401 - WTForms calls it an unbound field
    marks = [_Needed()] if field.needed else []
    if field.type is FieldType.CHOICE:
        return SelectField(
            field.label, choices=[("", _l("Choose")), *field.choices], validate_choice=False, validators=marks
        )
    return StringField(
        field.label,
        description=field.hint,
        validators=[*marks, Length(max=LONGEST, message=_l("At most 200 characters."))],
        render_kw=INPUTS.get(field.type, {}),
    )


def unit_of(kind: Kind, name: str) -> Any:  # noqa: ANN401 - a text or None
    """Return the unit that stands beside a field, None where it has none."""
    return next((UNITS.get(one.type) for one in FIELDS[kind] if one.name == name), None)


def show_problems(form: FlaskForm, problems: Iterable[Problem]) -> None:
    """Put what is wrong with fields beside them."""
    for problem in problems:
        field = form[problem.field]
        field.errors = [*field.errors, str(problem)]


class AttachForm(FlaskForm):
    """A scan of the paper."""

    file = FileField(
        _l("File (PDF, PNG or JPEG)"),
        description=_l("At most 10 MB. The same file may stand under one record only."),
        validators=[FileRequired(_l("Choose the file."))],
    )


class LinkForm(FlaskForm):
    """The contract that a paper belongs to."""

    contract = SelectField(_l("Contract"), validators=[InputRequired(_l("Choose a contract."))], validate_choice=False)

    def offer(self, contracts: Iterable[Evidence]) -> "LinkForm":
        """Offer the contracts of the person."""
        self.contract.choices = [(one.series, f"{one.number} · {one.title}") for one in contracts]
        return self


class ReasonForm(FlaskForm):
    """Why a record is declined, rejected or withdrawn."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("The person, who entered the record and the authority can read it."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=LONGEST_REASON)],
    )


class CheckForm(FlaskForm):
    """What the checker notes."""

    note = TextAreaField(
        _l("Note of the checker"),
        description=_l("Needed where a condition is unknown: why the record may be checked without it."),
        validators=[Length(max=LONGEST_REASON)],
    )


class AskForm(FlaskForm):
    """Whom to ask."""

    party = SelectField(_l("Counterparty"), validators=[InputRequired(_l("Choose a party."))], validate_choice=False)
    email = StringField(
        _l("Mail address of the counterparty"),
        description=_l("The link goes there once; we keep the address sealed until it is answered or runs out."),
        validators=[DataRequired(_l("Give the mail address.")), Length(max=200)],
        render_kw={"autocomplete": "off", "inputmode": "email"},
    )

    def offer(self, parties: Iterable[str]) -> "AskForm":
        """Offer the parties that the record names."""
        self.party.choices = [(one, one) for one in parties]
        return self


class AnswerForm(FlaskForm):
    """What the counterparty says."""

    said = RadioField(
        _l("Your answer"),
        choices=[
            (Answer.CONFIRMED.value, _l("It is right")),
            (Answer.DISPUTED.value, _l("It is not right")),
        ],
        validators=[InputRequired(_l("Choose one of the two."))],
    )
    reason = TextAreaField(
        _l("What is not right"),
        description=_l("Needed where you dispute it. The authority reads it."),
        validators=[Length(max=LONGEST_REASON)],
    )


class ImportForm(FlaskForm):
    """A file of records of one kind."""

    kind = SelectField(_l("Kind"), choices=list(KIND_LABELS.items()), validators=[InputRequired()])
    file = FileField(
        _l("File (xlsx or csv)"),
        description=_l("One record a row, with the headings of the template. Numbers must be formatted as text."),
        validators=[FileRequired(_l("Choose the file."))],
    )


class SearchForm(FlaskForm):
    """Which records to list."""

    class Meta:
        """A search changes nothing, so it carries no token."""

        csrf = False

    text = StringField(_l("Title, number or name"))
    kind = SelectField(_l("Kind"), choices=[("", _l("All")), *KIND_LABELS.items()])
    state = SelectField(_l("State"), choices=[("", _l("All")), *STATE_LABELS.items(), *STANDINGS])


class AuditForm(FlaskForm):
    """Which records to draw from, and how many."""

    region = SelectField(_l("Region"), validators=[InputRequired(_l("Choose a region."))])
    since = DateField(_l("Declared from"), validators=[InputRequired(_l("Give the first day."))])
    until = DateField(_l("Declared until"), validators=[InputRequired(_l("Give the last day."))])
    size = IntegerField(
        _l("Records to draw"),
        validators=[
            InputRequired(_l("Give the number of records.")),
            NumberRange(1, 500, _l("Between 1 and 500 records.")),
        ],
    )

    def offer(self, regions: Iterable[Region]) -> "AuditForm":
        """Offer the regions that the officer's region holds."""
        self.region.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in regions]
        return self


class FindingForm(FlaskForm):
    """What an officer found."""

    finding = RadioField(
        _l("Finding"),
        choices=list(FINDING_LABELS.items()),
        validators=[InputRequired(_l("Choose a finding."))],
    )
    note = TextAreaField(
        _l("What was compared and found"),
        validators=[DataRequired(_l("Say what was compared and what was found.")), Length(max=LONGEST_REASON)],
    )
