"""Forms of the case room."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.cases.rules.private import Private, found_in
from app.cases.states import DELIVERY_LABELS, OUTCOME_LABELS, RELATION_LABELS, STATE_LABELS, CaseState, DeliveryHow
from app.core.text import _l

MOST_WORDS = 20000
FILES_HINT = _l("PDF, pictures, Office files, web pages or text; at most 10 files of 20 MB each.")


PRIVATE_LABELS = {
    Private.IDENTITY: _l("an identity number"),
    Private.MAIL: _l("a mail address"),
    Private.MOBILE: _l("a mobile number"),
    Private.CARD: _l("the number of a bank card"),
}


def names_nobody(form: FlaskForm, field: Field) -> None:
    """Refuse a text that everybody will read while it holds what only its person should give away."""
    del form
    for one in found_in(field.data or "")[:1]:
        raise ValidationError(
            _l(
                "Everybody reads this text, and it holds %(what)s: %(masked)s. Take it out.",
                what=PRIVATE_LABELS[one.kind],
                masked=one.masked,
            )
        )


class CaseForm(FlaskForm):
    """What a person states when raising a case; the token makes a repeated request harmless."""

    token = HiddenField(validators=[Length(max=64)])
    facts = TextAreaField(
        _l("What happened, and what you ask for"),
        validators=[DataRequired(_l("Say what happened and what you ask for.")), Length(max=MOST_WORDS)],
        render_kw={"rows": 10},
    )
    files = MultipleFileField(_l("Evidence"), description=FILES_HINT)


class VisitorForm(CaseForm):
    """A complaint of somebody without an account, who may leave a contact."""

    contact = StringField(
        _l("How we may reach you"),
        description=_l(
            "A telephone number or mail address, only if you like. The handling officer opens it for a reason that is "
            "recorded; the body complained of never sees it."
        ),
        validators=[Optional(), Length(max=200)],
    )


class FollowForm(FlaskForm):
    """The code and the secret that a visitor was given for their case."""

    code = StringField(
        _l("Follow-up code"), validators=[DataRequired(_l("Type the code of the case.")), Length(max=64)]
    )
    secret = StringField(
        _l("Follow-up secret"), validators=[DataRequired(_l("Type the follow-up secret.")), Length(max=64)]
    )


class DeclarationForm(CaseForm):
    """A declaration of impartiality: the interests, who is named, and whether there is anything to look at.

    The fields of the people named stand in rows, `kind_1`, `name_1` and `known_by_1` and so on.
    """

    facts = TextAreaField(
        _l("Your interests"),
        description=_l("Write what could bias you, or that there is nothing."),
        validators=[
            DataRequired(_l("Write what could bias you, or that there is nothing.")),
            Length(max=MOST_WORDS),
        ],
        render_kw={"rows": 6},
    )
    declares = BooleanField(_l("I have an interest to declare that an authority must look at"))

    @property
    def rows(self) -> list[tuple[Field, Field, Field]]:
        """Return the fields of each person or body that can be named."""
        places = range(1, RELATIONS + 1)
        return [(self[f"kind_{place}"], self[f"name_{place}"], self[f"known_by_{place}"]) for place in places]

    def name(self, *, among: Sequence[tuple[str, str, str]]) -> None:
        """Fill in who was named before."""
        for fields, given in zip(self.rows, among, strict=False):
            for field, value in zip(fields, given, strict=True):
                field.data = value

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Demand kind and name together."""
        good = bool(super().validate(extra_validators))
        for kind, name, known_by in self.rows:
            named = bool((name.data or "").strip())
            if named and not kind.data:
                kind.errors = [str(_l("Choose what binds you."))]
            elif not named and (kind.data or known_by.data):
                name.errors = [str(_l("Name the person or body."))]
            good = good and not kind.errors and not name.errors
        return good


def _add_rows() -> None:
    """Give the form of a declaration the fields of the people and bodies that it can name."""
    kinds = [("", _l("None")), *((one.value, label) for one, label in RELATION_LABELS.items())]
    for place in range(1, RELATIONS + 1):
        kind = SelectField(_l("%(place)s. What binds you", place=place), choices=kinds, validators=[Optional()])
        name = StringField(_l("%(place)s. Person or body", place=place), validators=[Optional(), Length(max=100)])
        known_by = StringField(
            _l("%(place)s. Identity number or mail address, if you know it", place=place),
            validators=[Optional(), Length(max=100)],
        )
        for label, field in (("kind", kind), ("name", name), ("known_by", known_by)):
            setattr(DeclarationForm, f"{label}_{place}", field)


RELATIONS = 8
"""How many people and bodies one declaration can name."""
_add_rows()


class SupplyForm(FlaskForm):
    """The answer to a request for materials; the token makes a repeated request harmless."""

    token = HiddenField(validators=[Length(max=64)])
    facts = TextAreaField(_l("What you add"), validators=[Optional(), Length(max=MOST_WORDS)])
    files = MultipleFileField(_l("Materials"), description=FILES_HINT)


class AnswerForm(SupplyForm):
    """The answer of a visitor: what they show, and the token that makes a repeated request harmless."""

    code = HiddenField(validators=[Length(max=64)])
    secret = HiddenField(validators=[Length(max=64)])
    token = HiddenField(validators=[DataRequired(), Length(max=64)])


class FurtherForm(CaseForm):
    """The appeal of a visitor: why the decision is wrong, and what they show."""

    code = HiddenField(validators=[Length(max=64)])
    secret = HiddenField(validators=[Length(max=64)])
    facts = TextAreaField(
        _l("Why the decision is wrong, and what you ask for"),
        validators=[DataRequired(_l("Say why the decision is wrong and what you ask for.")), Length(max=MOST_WORDS)],
        render_kw={"rows": 10},
    )


class ReasonForm(FlaskForm):
    """A reason that is kept."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=4000)])


class PublicReasonForm(FlaskForm):
    """A reason that stands on a public page."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("Everybody reads it on the page of the notice."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=4000), names_nobody],
    )


class AskForm(ReasonForm):
    """What an authority asks of whoever raised a case; until when follows from the clocks."""

    reason = TextAreaField(
        _l("What to supply"),
        description=_l("Whoever raised the case reads it, with the last day that the clocks of the case set."),
        validators=[DataRequired(_l("Say what is to be supplied.")), Length(max=4000)],
    )


class DecisionForm(FlaskForm):
    """A decision with the reasons that the parties read."""

    outcome = RadioField(
        _l("Decision"),
        choices=[(value.value, label) for value, label in OUTCOME_LABELS.items()],
        validators=[InputRequired(_l("Choose the decision."))],
    )
    reason = TextAreaField(
        _l("Reasons"),
        description=_l("The parties read them: the facts found, the rule, and why it leads to this decision."),
        validators=[DataRequired(_l("Give the reasons; the parties read them.")), Length(max=MOST_WORDS)],
        render_kw={"rows": 10},
    )


class DeliveryForm(FlaskForm):
    """How a notice was delivered."""

    how = SelectField(
        _l("How it was delivered"),
        choices=[(how.value, label) for how, label in DELIVERY_LABELS.items() if how is not DeliveryHow.ONLINE],
    )
    delivered_on = DateField(_l("Delivered on"), validators=[InputRequired(_l("Give the day."))])
    to_whom = StringField(_l("Received by"), validators=[Length(max=100)])
    receipt = FileField(_l("Receipt"))


class DeskForm(FlaskForm):
    """What an officer looks for."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Record or case number"))
    kind = SelectField(_l("Kind"), validate_choice=False)
    state = SelectField(
        _l("State"),
        choices=[
            ("", _l("All states")),
            ("open", _l("Still open")),
            *((state.value, label) for state, label in STATE_LABELS.items() if state is not CaseState.DRAFT),
        ],
    )
    overdue = BooleanField(_l("Overdue only"))


class BoardForm(FlaskForm):
    """What a reader of the notice board looks for."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Words of the title"))


class CorrectionForm(FlaskForm):
    """What a corrected notice says, in both languages."""

    title_zh = StringField(
        _l("Title in Chinese"),
        validators=[DataRequired(_l("Write the title in both languages.")), Length(max=200), names_nobody],
    )
    title_en = StringField(
        _l("Title in English"),
        validators=[DataRequired(_l("Write the title in both languages.")), Length(max=200), names_nobody],
    )
    body_zh = TextAreaField(
        _l("Text in Chinese"),
        validators=[DataRequired(_l("Write the text in both languages.")), Length(max=MOST_WORDS), names_nobody],
        render_kw={"rows": 6},
    )
    body_en = TextAreaField(
        _l("Text in English"),
        validators=[DataRequired(_l("Write the text in both languages.")), Length(max=MOST_WORDS), names_nobody],
        render_kw={"rows": 6},
    )


class BodyForm(FlaskForm):
    """Which body a complaint is about."""

    class Meta:
        """The search travels in the address."""

        csrf = False

    name = StringField(_l("Name of the body"))


class RegisterForm(FlaskForm):
    """What is looked for among the restrictions."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    kind = SelectField(_l("Restriction"), validate_choice=False)
    state = SelectField(_l("State"), choices=[("", _l("In force")), ("all", _l("All"))])


class RestrictionForm(FlaskForm):
    """A restriction and the decision it stands on."""

    whom = StringField(
        _l("Person or body"),
        description=_l("A person by code, mail address or identity number; a body by its short name."),
        validators=[DataRequired(_l("Name whom it restricts.")), Length(max=100)],
    )
    kinds = SelectMultipleField(
        _l("Restrictions"),
        validators=[InputRequired(_l("Choose at least one restriction."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    starts_on = DateField(_l("From"), validators=[InputRequired(_l("Give the first day."))])
    ends_on = DateField(
        _l("Until"), description=_l("Leave empty where it holds until it is lifted."), validators=[Optional()]
    )
    determination = StringField(
        _l("Decision"),
        description=_l("The number of the determination, or the number of the case it was decided in."),
        validators=[DataRequired(_l("Name the decision: its number, or the number of the case.")), Length(max=200)],
    )
    reason = TextAreaField(
        _l("Reason"),
        description=_l("Whoever is restricted reads it at the door."),
        validators=[DataRequired(_l("Give the reason.")), Length(max=2000)],
    )


class LiftForm(FlaskForm):
    """From when a restriction no longer holds, and why."""

    lifted_on = DateField(_l("Lifted from"), validators=[InputRequired(_l("Give the day."))])
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=2000)])
