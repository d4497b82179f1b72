"""Forms of the ballots room, and what its pages send as JSON."""

from typing import Annotated

from flask_wtf import FlaskForm
from pydantic import BaseModel, ConfigDict, StringConstraints
from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from app.ballots.rules.votes import LONGEST
from app.core.text import _l

MOST_MINUTES = 480
STATES = [
    ("keys", _l("Key being made")),
    ("ready", _l("Ready to open")),
    ("open", _l("Vote open")),
    ("closed", _l("Vote closed, tally not open yet")),
    ("decided", _l("Result is in")),
    ("called_off", _l("Called off")),
]


class FilterForm(FlaskForm):
    """What to look for among the ballots."""

    class Meta:
        """Filters travel in the address."""

        csrf = False

    state = SelectField(_l("State"), default="", choices=[("", _l("All states")), *STATES])


class OpenForm(FlaskForm):
    """How long the vote stays open."""

    minutes = IntegerField(
        _l("Minutes until the vote ends"),
        description=_l("After that no vote is taken, even before you close it."),
        default=30,
        validators=[
            InputRequired(_l("Give the number of minutes.")),
            NumberRange(1, MOST_MINUTES, _l("Between 1 and 480 minutes.")),
        ],
    )


class ProxyForm(FlaskForm):
    """Who votes for an absent voter."""

    proxy = SelectField(
        _l("Voter who votes for you"),
        description=_l("Choose somebody who attends until the vote is over."),
        validators=[InputRequired(_l("Choose another voter of this ballot as the proxy."))],
    )


class CallOffForm(FlaskForm):
    """Why a ballot is called off."""

    reason = TextAreaField(
        _l("Reason"),
        description=_l("Voters and trustees read this reason. Votes that were cast stay sealed for ever."),
        validators=[InputRequired(_l("Give the reason.")), Length(max=2000)],
    )


class SentVote(BaseModel):
    """An encrypted vote as the voter's page sends it."""

    model_config = ConfigDict(extra="forbid")

    voter: Annotated[str, StringConstraints(max_length=64)]
    vote: Annotated[str, StringConstraints(max_length=LONGEST)]
