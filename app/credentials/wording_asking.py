"""Where the certificates stand that a room may ask for, in words: a label, its tone, and why."""

from typing import NamedTuple

from app.core.errors import Text
from app.core.text import _l
from app.credentials.states import AskStep


class StepWords(NamedTuple):
    """How a step is shown, and the sentence that says why nothing is asked for, or what happens next."""

    label: Text
    tone: str
    why: Text


STEPS: dict[str, StepWords] = {
    AskStep.READY: StepWords(_l("To be asked for"), "waiting", _l("Everything it takes is met.")),
    AskStep.ASKED: StepWords(
        _l("Waits at the issuing body"), "info", _l("It was asked for already; the issuing body prepares it.")
    ),
    AskStep.ISSUED: StepWords(_l("Issued"), "good", _l("A certificate of this level stands already.")),
    AskStep.REVOKED: StepWords(
        _l("Revoked or expired"), "bad", _l("Its certificate does not hold any more. Ask the issuing body about it.")
    ),
}
