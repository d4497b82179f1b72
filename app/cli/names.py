"""People as an operator names them in a command."""

from app.accounts import queries
from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.core.access import Actor
from app.core.errors import NotFoundError
from app.core.text import _l


def person_named(who: str) -> Person:
    """Return a person by code, mail address, telephone or identity number; raises NotFoundError."""
    found = queries.person_by_name(who)
    if found is None:
        raise NotFoundError(_l("Nobody is known by that code, mail address, telephone or identity number."))
    return found


def actor_named(who: str | None) -> Actor | None:
    """Return who does what a command asks for, None where nobody was named: the operator."""
    return None if who is None else actor_of(person_named(who), None)
