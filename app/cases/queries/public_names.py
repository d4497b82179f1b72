"""Names in public registers: in full by the holder's consent to that purpose, else masked.

A public notice names whom a result concerns while its period runs, as the rule of the clocks says; a register that
stays public afterwards needs a consent of its own (Personal Information Protection Law, art. 25).
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement

from app.accounts.models import Person
from app.accounts.rights_queries import findable
from app.accounts.services import consents
from app.cases.rules.clocks import Mask
from app.cases.rules.masking import masked


def public_names(people: Iterable[Person], purpose: str) -> dict[int, str]:
    """Return names by person as a register shows them: one statement for all; an erased one is its mark already."""
    by_id = {person.id: person for person in people}
    published = consents.standing_among(by_id, purpose)
    return {
        key: person.name if key in published or person.erased_at else masked(person.name, Mask.MIDDLE)
        for key, person in by_id.items()
    }


def named(text: str, purpose: str) -> ColumnElement[bool]:
    """Return the condition that a person agreed to this purpose and a part of their name was typed."""
    return Person.name.contains(text, autoescape=True) & consents.standing(Person.id, purpose) & findable()
