"""Forms of title evaluation; the declaration is built from the facts that the scheme asks for."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, DateTimeLocalField, Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.assessment.titles.states import WITHDRAWAL_REASONS
from app.core.text import _l
from app.evidence.models import Evidence
from app.evidence.states import KIND_LABELS
from app.panels.models.pools import CommitteeMember
from app.rulebook.facts import Catalogue, Fact, FactKind, FactType, read_value, split, written

GIVE = _l("Fill this in.")
YES_NO = (("", _l("Not stated")), ("true", _l("yes")), ("false", _l("no")))


class RoundForm(FlaskForm):
    """A round to propose."""

    scheme = SelectField(_l("Scheme"), validators=[DataRequired(GIVE)])
    committee = SelectField(_l("Committee"), validators=[DataRequired(GIVE)])
    name_zh = StringField(_l("Name (Chinese)"), validators=[DataRequired(GIVE), Length(max=200)])
    name_en = StringField(_l("Name (English)"), validators=[DataRequired(GIVE), Length(max=200)])
    apply_until = DateField(
        _l("Last day to apply"),
        description=_l("Years and evidence are judged on this day."),
        validators=[DataRequired(_l("Give the day."))],
    )


class MeetingForm(FlaskForm):
    """When and where the committee meets; the time is Shanghai's."""

    place = StringField(_l("Venue"), validators=[DataRequired(GIVE), Length(max=200)])
    starts_at = DateTimeLocalField(_l("Starts at"), validators=[DataRequired(_l("Give the day and time."))])


class VoteForm(FlaskForm):
    """The two members who keep the key beside the chair."""

    first = SelectField(_l("First keeper of the key"), validators=[DataRequired(GIVE)])
    second = SelectField(_l("Second keeper of the key"), validators=[DataRequired(GIVE)])


class ReturnForm(FlaskForm):
    """Why an application is returned."""

    reason = TextAreaField(
        _l("Reasons"),
        description=_l("The applicant reads them. Say what is missing and what would do."),
        validators=[DataRequired(_l("Give the reasons.")), Length(max=2000)],
    )


class WithdrawalForm(FlaskForm):
    """Why a title is to be withdrawn, and what was found."""

    reason = SelectField(
        _l("Reason"),
        choices=[("", _l("Choose a reason")), *WITHDRAWAL_REASONS.items()],
        description=_l("Everybody who looks up the title reads this reason."),
        validators=[DataRequired(_l("Choose a reason."))],
    )
    findings = TextAreaField(
        _l("What was found"),
        description=_l("Name the papers and who checked them. The holder reads it once the title is withdrawn."),
        validators=[DataRequired(_l("Say what was found.")), Length(max=4000)],
    )


class WithdrawalDecisionForm(FlaskForm):
    """Why a title is withdrawn, or stands."""

    decision = TextAreaField(
        _l("Reasons"),
        description=_l("The holder reads them where the title is withdrawn."),
        validators=[DataRequired(_l("Give the reasons.")), Length(max=2000)],
    )


class SearchForm(FlaskForm):
    """What to look for in the register."""

    class Meta:
        """A search travels in the address."""

        csrf = False

    text = StringField(_l("Name or number of the title"))


class MultiCheckboxField(SelectMultipleField):
    """Several choices as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def vote_form(members: Sequence[CommitteeMember]) -> VoteForm:
    """Return the form of the ballot; `members` are those present without the chair."""
    form = VoteForm()
    choices = [(one.expert.code, f"{one.expert.person.name} · {one.expert.unit}") for one in members]
    form.first.choices = form.second.choices = choices
    return form


def application_form(
    names: Sequence[str], catalogue: Catalogue, records: Sequence[Evidence], *, data: Mapping[str, Any] | None = None
) -> FlaskForm:
    """Return the form of an application: a field for each fact to declare, a box for each record to rely on."""
    fields: dict[str, Any] = {key_of(name): _field(catalogue[split(name)[0]].kind) for name in names}
    if records:
        fields["evidence"] = MultiCheckboxField(
            _l("Evidence from the ledger"), choices=[(one.code, _named(one)) for one in records]
        )
    made: type[FlaskForm] = type("ApplicationForm", (FlaskForm,), fields)
    return made(data=data)


def key_of(name: str) -> str:
    """Return the name of the form's field for a fact."""
    return "fact_" + name.translate(str.maketrans(".[]", "___"))


def _named(one: Evidence) -> str:
    return f"{KIND_LABELS[one.kind]} · {one.title} · {one.happened_on}"


def _field(kind: FactKind) -> Field:
    if kind.type is FactType.CHOICE:
        return SelectField(kind.label, choices=[("", _l("Not stated")), *kind.choices.items()])
    if kind.type is FactType.FLAG:
        return SelectField(kind.label, choices=list(YES_NO))
    attributes = {"type": "date"} if kind.type is FactType.DATE else {}
    return StringField(kind.label, validators=[Length(max=40)], render_kw=attributes)


def read_declared(form: FlaskForm, names: Sequence[str], catalogue: Catalogue) -> dict[str, Fact] | None:
    """Return what was declared, typed; None where a field holds something else, with the error beside it."""
    found: dict[str, Fact] = {}
    for name in names:
        field = form[key_of(name)]
        typed = str(field.data or "").strip()
        try:
            if typed:
                found[name] = Fact(read_value(catalogue[split(name)[0]].kind, typed))
        except ValueError as error:
            field.errors = [str(error.args[0])]
    return None if form.errors else found


def filled(declared: Mapping[str, Fact], picked: Sequence[Evidence]) -> dict[str, Any]:
    """Return the data that fills the form of an application."""
    data: dict[str, Any] = {key_of(name): written(fact.value) for name, fact in declared.items()}
    return {**data, "evidence": [one.code for one in picked]}
