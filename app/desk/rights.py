"""To-dos of the accounts room, which lies below the desk: what waits for a second person to decide on people's data."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.models import Membership, SecurityOrder
from app.accounts.rights import Claim, Erasure, NameCorrection, PersonMerge
from app.accounts.rules.powers import INVITES
from app.accounts.states import ClaimState, ErasureState, MergeState, NameState, OrderState, Role
from app.core.db import session
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.desk.kinds import Expected
from app.desk.services.todos import close_todos, open_todo

CLAIM, ERASURE, MERGE, ORDER = "accounts.claim", "accounts.erasure", "accounts.merge", "accounts.order"
NAME = "accounts.name"


@dataclass(frozen=True, slots=True)
class Due:
    """A to-do that a record asks for, where its link leads, and whom it must not reach."""

    expected: Expected
    url: str
    not_person_id: int | None = None


def expected() -> set[Expected]:
    """Return the to-dos that follow from open claims, requests about data and names, proposed merges, asked orders."""
    return {due.expected for due in (*_claims(), *_erasures(), *_names(), *_merges(), *_orders())}


def _claims(code: str = "") -> Iterator[Due]:
    """Yield one to-do for each role that runs the organisation which brought the record in, else for administrators."""
    query = select(Claim.code, Claim.person_id, Claim.organisation_id).where(Claim.state == ClaimState.OPEN)
    for claim, person_id, organisation in session.execute(query.where(Claim.code == code) if code else query):
        roles = _running(organisation) if organisation is not None else [Role.SECADMIN]
        for role in roles:
            subject = Subject("claim", claim)
            yield Due(Expected(CLAIM, subject, role=role, organisation_id=organisation), "/people/claims", person_id)


def _running(organisation_id: int) -> list[Role]:
    """Return the roles of those who ever ran an organisation here: which of them is in force, the inbox asks."""
    query = select(Membership.role).where(Membership.organisation_id == organisation_id, Membership.role.in_(INVITES))
    return sorted(set(session.scalars(query)))


def _erasures(code: str = "") -> Iterator[Due]:
    query = select(Erasure.code, Erasure.person_id).where(Erasure.state == ErasureState.REQUESTED)
    for erasure, person_id in session.execute(query.where(Erasure.code == code) if code else query):
        wanted = Expected(ERASURE, Subject("erasure", erasure), role=Role.SECADMIN)
        yield Due(wanted, f"/people/erasures/{erasure}", person_id)


def _names(code: str = "") -> Iterator[Due]:
    query = select(NameCorrection.code, NameCorrection.person_id).where(NameCorrection.state == NameState.REQUESTED)
    for found, person_id in session.execute(query.where(NameCorrection.code == code) if code else query):
        wanted = Expected(NAME, Subject("name_correction", found), role=Role.SECADMIN)
        yield Due(wanted, f"/people/names/{found}", person_id)


def _merges(code: str = "") -> Iterator[Due]:
    query = select(PersonMerge.code, PersonMerge.proposed_by_id).where(PersonMerge.state == MergeState.PROPOSED)
    for merge, proposer in session.execute(query.where(PersonMerge.code == code) if code else query):
        wanted = Expected(MERGE, Subject("person_merge", merge), role=Role.SECADMIN)
        yield Due(wanted, f"/people/merges/{merge}", proposer)


def _orders(code: str = "") -> Iterator[Due]:
    query = select(SecurityOrder.code, SecurityOrder.scope_code, SecurityOrder.asked_by_id).where(
        SecurityOrder.state == OrderState.ASKED
    )
    for order, region, asker in session.execute(query.where(SecurityOrder.code == code) if code else query):
        wanted = Expected(ORDER, Subject("security_order", order), role=Role.SECADMIN, region_code=region)
        yield Due(wanted, f"/security/orders/{order}", asker)


SOURCES = {"claim": _claims, "erasure": _erasures, "merge": _merges, "name": _names, "order": _orders}
SUBJECTS = {
    "claim": "claim",
    "erasure": "erasure",
    "merge": "person_merge",
    "name": "name_correction",
    "order": "security_order",
}
OPENING = {
    "accounts.claim_made": "claim",
    "accounts.erasure_requested": "erasure",
    "accounts.merge_proposed": "merge",
    "accounts.name_asked": "name",
    "accounts.order_asked": "order",
}
CLOSING = {
    "accounts.claim_accepted": "claim",
    "accounts.claim_refused": "claim",
    "accounts.erasure_withdrawn": "erasure",
    "accounts.erasure_refused": "erasure",
    "accounts.erasure_limited": "erasure",
    "accounts.person_erased": "erasure",
    "accounts.people_merged": "merge",
    "accounts.merge_declined": "merge",
    "accounts.name_withdrawn": "name",
    "accounts.name_refused": "name",
    "accounts.name_decided": "name",
    "accounts.order_carried_out": "order",
    "accounts.order_refused": "order",
    "accounts.order_withdrawn": "order",
}


def _open(happened: Event) -> None:
    what = OPENING[happened.kind]
    for due in SOURCES[what](str(happened.data[what])):
        one = due.expected
        open_todo(
            one.kind,
            one.subject,
            url=due.url,
            at=happened.at,
            role=one.role,
            organisation_id=one.organisation_id,
            region_code=one.region_code,
            not_person_id=due.not_person_id,
        )


def _close(happened: Event) -> None:
    what = CLOSING[happened.kind]
    close_todos(Subject(SUBJECTS[what], str(happened.data[what])), at=happened.at)


SUBSCRIBERS = (
    *(Subscriber(kind, "desk.rights.open", _open, now=True) for kind in OPENING),
    *(Subscriber(kind, "desk.rights.close", _close, now=True) for kind in CLOSING),
)
