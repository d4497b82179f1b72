"""What the page of a sitting reports about itself, and what an examiner asks of the browser."""

from typing import Annotated

from flask_wtf import FlaskForm
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from wtforms import PasswordField, SelectField
from wtforms.validators import Length

from app.assessment.exams.forms.sitting import SentPage
from app.assessment.exams.services.signals import Signal
from app.assessment.exams.signal_kinds import SIGNAL_LABELS, SignalKind
from app.core.text import _l

MOST_IN_A_BATCH = 50
MOST_DETAILS = 4
DetailName = Annotated[str, StringConstraints(pattern=r"^(place|characters|screen)$")]
DetailText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}x[0-9]{1,5}$")]


class SentSignal(BaseModel):
    """One happening as the page reports it; the server's own kind, a network address, is not the page's to report."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(gt=0, le=2**31 - 1)
    kind: SignalKind
    client_at: AwareDatetime | None = None
    detail: dict[DetailName, Annotated[int, Field(ge=0, le=10**6)] | DetailText] = Field(
        default_factory=dict, max_length=MOST_DETAILS
    )

    def signal(self) -> Signal:
        """Return what the service takes."""
        return Signal(self.number, self.kind, self.client_at, dict(self.detail))


class SentSignals(SentPage):
    """What one page reports at once; an empty batch shows the network address alone."""

    signals: tuple[SentSignal, ...] = Field(max_length=MOST_IN_A_BATCH)

    def reported(self) -> list[Signal]:
        """Return the happenings a page may report."""
        return [one.signal() for one in self.signals if one.kind is not SignalKind.ADDRESS]


class SignalFilter(FlaskForm):
    """Which of the signals of a sitting are listed."""

    class Meta:
        """A filter changes nothing, so it needs no token."""

        csrf = False

    kind = SelectField(_l("What was recorded"), choices=[("", _l("All")), *SIGNAL_LABELS.items()])

    def wanted(self) -> SignalKind | None:
        """Return the one kind that is asked for; none for all, and for what is no kind."""
        return SignalKind(self.kind.data) if self.kind.data in set(SignalKind) else None


class SebForm(FlaskForm):
    """How Safe Exam Browser is set for a session."""

    quit_password = PasswordField(
        _l("Password to leave in the middle"),
        description=_l("For invigilators. Left empty, Safe Exam Browser ends only after handing in."),
        validators=[Length(max=64)],
    )
