"""Who guesses, as a request shows it: the person who signed in, else the address it comes from."""

from app.accounts.services.sign_in import key_of
from app.accounts.views.doors import here
from app.core import clock
from app.core.access import current_actor
from app.core.db import unit_of_work
from app.core.errors import ConflictError
from app.credentials.rules.guessing import FREE_GUESSES, FREE_SIGNED_IN, cost
from app.credentials.services import guessing
from app.credentials.services.guessing import Source

NUMBERS, LINKS = "verify.guess", "share.guess"


def _source(door: str) -> Source:
    actor = current_actor()
    if actor is not None:
        return Source(door, key_of(door, "person", actor.person_code), FREE_SIGNED_IN)
    return Source(door, key_of(door, "address", here()), FREE_GUESSES)


def hear(door: str = NUMBERS) -> None:
    """Raise TooManyError while nothing is answered to whoever asks; asked before the look-up."""
    guessing.refuse_closed(_source(door), real=clock.real_now())


def count_guesses(guesses: int, hits: int = 0, *, door: str = NUMBERS) -> None:
    """Spend the guesses of an answer before it is given; raises TooManyError where the budget does not hold them.

    What was found costs nothing, and excuses some typos: an honest list of any length is never stopped.
    """
    spent, source = cost(guesses, hits), _source(door)
    if not spent:
        return
    try:
        held = _charge(source, spent)
    except ConflictError:  # two first guesses at once: now the row of the other is there
        held = _charge(source, spent)
    if not held:
        raise guessing.overdrawn()


def _charge(source: Source, spent: int) -> bool:
    with unit_of_work():
        return guessing.charge(source, spent, real=clock.real_now())


def may_answer(*, guess: bool) -> None:
    """Let one number or address be answered; a guess found nothing, or another name than the given one.

    Raises TooManyError, for a hit as for a miss, once the budget of whoever asks is spent.
    """
    hear()
    count_guesses(int(guess))
