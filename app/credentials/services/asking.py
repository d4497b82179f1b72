"""What one issuer asks for, another decides on."""

from app.core.access import Actor
from app.core.errors import ForbiddenError
from app.core.text import _l


def refuse_asker(asked_by_id: int, by: Actor) -> None:
    """Raise ForbiddenError for who asked for what they would decide on."""
    if by.person_id == asked_by_id:
        raise ForbiddenError(_l("You asked for this, so another issuer of your body decides on it."))
