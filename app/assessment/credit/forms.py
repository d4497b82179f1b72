"""Forms of the credit room."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.assessment.credit.states import GRAVITY_LABELS, POLARITY_LABELS, PROPOSAL_LABELS, STATE_LABELS, Polarity
from app.core.text import _l

MOST_WORDS = 4000
SHORT = Length(max=200, message=_l("At most 200 characters."))
CLASSES = [(one.value, label) for one, label in GRAVITY_LABELS.items()]
FILE_HINT = _l("PDF, PNG or JPEG, at most 10 MB.")


class EntryForm(FlaskForm):
    """The fields of a record; the token makes a repeated request harmless."""

    token = HiddenField(validators=[Length(max=64)])
    number = StringField(
        _l("Number in the register"),
        description=_l("The unified number of the technology manager."),
        validators=[DataRequired(_l("Give the number in the register.")), Length(max=64)],
    )
    polarity = SelectField(
        _l("Positive or negative"),
        choices=[(one.value, label) for one, label in POLARITY_LABELS.items()],
        validators=[InputRequired(_l("Choose the kind."))],
        default=Polarity.NEGATIVE.value,
    )
    gravity = SelectField(
        _l("Class"),
        choices=[("", _l("None: a positive record")), *CLASSES],
        description=_l("Needed for a negative record; it decides how long the record is published."),
    )
    conduct = StringField(_l("Conduct"), validators=[DataRequired(_l("Say what was done.")), SHORT])
    result = TextAreaField(
        _l("Result"),
        description=_l("What was decided about it, without names or document numbers of others."),
        validators=[DataRequired(_l("Say what was decided.")), Length(max=MOST_WORDS)],
    )
    deciding_body = StringField(_l("Deciding body"), validators=[DataRequired(_l("Name the body.")), SHORT])
    basis = StringField(
        _l("Basis"),
        description=_l("The number of the decision, and the rule it rests on."),
        validators=[DataRequired(_l("Name the decision and its rule.")), SHORT],
    )
    effective_on = DateField(_l("Effective from"), validators=[DataRequired(_l("Give the day of the determination."))])
    sanction_until = DateField(_l("Sanction or honour until"), validators=[Optional()])
    publish_anyway = BooleanField(_l("Publish although a minor record is normally not published"))
    evidence = StringField(
        _l("Evidence it rests on"),
        description=_l(
            "Codes or addresses of checked evidence of the person, parted by spaces; may stay empty. Officers look at "
            "the record again when such evidence is withdrawn or replaced."
        ),
        validators=[Optional(), Length(max=1000)],
    )
    file = FileField(
        _l("The decision as a file"), description=FILE_HINT, validators=[FileRequired(_l("Choose the file."))]
    )


class ReasonForm(FlaskForm):
    """A reason that is kept."""

    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=MOST_WORDS)])


class RepairForm(FlaskForm):
    """An application for repair: a commitment that everyone may read, and proof."""

    commitment = TextAreaField(
        _l("Public credit commitment"),
        description=_l("Everyone will be able to read it. Say what you have put right and what you will keep to."),
        validators=[
            DataRequired(_l("Write the commitment; everyone will be able to read it.")),
            Length(max=MOST_WORDS),
        ],
    )
    file = FileField(
        _l("Proof that the duties are done"), description=FILE_HINT, validators=[FileRequired(_l("Choose the file."))]
    )


class RepairDecisionForm(FlaskForm):
    """The decision on an application for repair."""

    corrected = BooleanField(_l("I have checked that the conduct is corrected and the duties are done"))
    outcome = RadioField(
        _l("Decision"),
        choices=[("grant", _l("Grant the repair")), ("refuse", _l("Refuse the repair"))],
        validators=[InputRequired(_l("Choose a decision."))],
    )
    reason = TextAreaField(_l("Reason"), validators=[DataRequired(_l("Give the reason.")), Length(max=MOST_WORDS)])


class DoubtForm(FlaskForm):
    """What an officer proposes for a record whose evidence ended."""

    proposal = RadioField(
        _l("Proposal"),
        choices=[(one.value, label) for one, label in PROPOSAL_LABELS.items()],
        validators=[InputRequired(_l("Choose what you propose."))],
    )
    findings = TextAreaField(
        _l("What you found"),
        description=_l("The person reads it once the second officer has agreed."),
        validators=[DataRequired(_l("Say what you found; the person reads it.")), Length(max=MOST_WORDS)],
    )


class CycleForm(FlaskForm):
    """Which day a rating cycle rates."""

    token = HiddenField(validators=[Length(max=64)])
    on = DateField(
        _l("Day that is rated"),
        description=_l("What is known now of that day counts."),
        validators=[DataRequired(_l("Give the day."))],
    )


class DeskForm(FlaskForm):
    """What to look for among the records of a region."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Name or words"))
    state = SelectField(
        _l("State"), choices=[("", _l("All states")), *((one.value, label) for one, label in STATE_LABELS.items())]
    )
    gravity = SelectField(
        _l("Class"),
        choices=[("", _l("All classes")), *CLASSES, (Polarity.POSITIVE.value, POLARITY_LABELS[Polarity.POSITIVE])],
    )


class PublicForm(FlaskForm):
    """What to look for in the public list."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    text = StringField(_l("Words of the conduct, body or basis"))
