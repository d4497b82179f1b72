"""What an officer corrects of a person, contacts and documents: never silently, and never a way in by itself.

Contacts of a person without an account are set at once. Whoever has an account signs in by them, and a document proves
who somebody is: there a second person, a security administrator, carries the correction out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Person, SecurityOrder
from app.accounts.queries import account_of
from app.accounts.rights import ContactChange
from app.accounts.services import contacts
from app.accounts.services.documents import check_document
from app.accounts.services.orders import Correction, ask_correction, check_reason, refuse_waiting
from app.accounts.states import IdentityKind, OrderKind, ResetWay
from app.core.access import Actor
from app.core.errors import InvalidError
from app.core.text import _l

WAYS = {OrderKind.CORRECT_PHONE: ResetWay.SMS, OrderKind.CORRECT_EMAIL: ResetWay.MAIL}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be corrected; what is empty stays as it is. A further document leaves the first in its place."""

    phone: str = ""
    email: str = ""
    identity_kind: IdentityKind = IdentityKind.RESIDENT_ID
    identity_number: str = ""
    further: bool = False


@dataclass(frozen=True, slots=True)
class Corrected:
    """What came of a correction: the orders that wait for a second person, and the contacts that stand at once."""

    orders: tuple[SecurityOrder, ...]
    stands: tuple[ContactChange, ...]

    @property
    def told(self) -> bool:
        """Tell whether an address stood before, which is told that it does not any more."""
        return any(one.before_sealed is not None for one in self.stands)


def correct(person: Person, wanted: Wanted, *, reason: str, by: Actor, at: datetime) -> Corrected:
    """Correct a person's contacts, or ask a second person to. `at` is security time.

    Whether the officer answers for the person is for the caller to ask. Raises InvalidError beside the field,
    ConflictError where an address or document is another's, ForbiddenError for one's own record.
    """
    check_reason(person, reason, by)
    contacts.check_stands(person)
    asked = list(_checked(person, wanted))
    if not asked:
        raise InvalidError(_l("Fill in what is to be corrected."))
    alone = account_of(person.id) is None
    at_once = [one for one in asked if alone and one.kind in WAYS]
    stands = tuple(
        contacts.set_contact(person, WAYS[one.kind], one.text, reason=reason.strip(), by=by, at=at) for one in at_once
    )
    orders = tuple(ask_correction(person, one, reason=reason, by=by, at=at) for one in asked if one not in at_once)
    return Corrected(orders, stands)


def _checked(person: Person, wanted: Wanted) -> Iterator[Correction]:
    """Yield what is to be corrected; while an order waits, nothing more is told of what belongs to whom."""
    for kind, typed in ((OrderKind.CORRECT_PHONE, wanted.phone), (OrderKind.CORRECT_EMAIL, wanted.email)):
        if typed.strip():
            refuse_waiting(person, kind)
            written = contacts.checked(person, WAYS[kind], typed)
            contacts.check_free(WAYS[kind], written)
            yield Correction(kind, written)
    if wanted.identity_number.strip():
        kind = OrderKind.ADD_DOCUMENT if wanted.further else OrderKind.CORRECT_DOCUMENT
        refuse_waiting(person, kind)
        number = check_document(person, wanted.identity_kind, wanted.identity_number, further=wanted.further)
        yield Correction(kind, number, wanted.identity_kind)
