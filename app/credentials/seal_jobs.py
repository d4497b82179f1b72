"""Work around seals that goes on by itself: authorities asked, own lists followed, ends put on desks."""

from app.core import clock
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.core.room import Periodic, Subscriber
from app.credentials.models import SigningKey
from app.credentials.queries import keys as reads
from app.credentials.queries import seals
from app.credentials.services import proofs, seal_ends, seal_lists
from app.credentials.services.proofs import Plan
from app.credentials.states import KeyAct

HOUR = 3600


def ask_authorities() -> None:
    """Ask about the certificates of every current seal whose proof is missing or ageing."""
    with unit_of_work():
        plans = [proofs.plan_of(key) for key in seals.certified_keys() if proofs.due(key, real_now())]
    for plan in plans:
        _ask(plan)


def _ask(plan: Plan) -> None:
    told = proofs.ask(plan)
    with unit_of_work():
        proofs.keep(plan, told, now=real_now(), at=clock.now())
        seal_ends.put_on_desks(at=clock.now())


def on_certified(event: Event) -> None:
    """Ask as soon as a seal has another chain."""
    with unit_of_work():
        order = reads.order_with(event.subject_code)
        plan = proofs.plan_of(order.key) if order.act is KeyAct.CERTIFY else None
    if plan is not None:
        _ask(plan)


def keep_own_lists() -> None:
    """Follow the lists of keys that certified themselves, each in a transaction of its own."""
    with unit_of_work():
        seal_lists.renew_own(at=clock.now())
        waiting = [one.id for one in seal_lists.waiting()]
    for key_id in waiting:
        with unit_of_work():
            seal_lists.keep(session.get_one(SigningKey, key_id))


def look_at_ends() -> None:
    """Put the seals that need another certificate on the desks of their issuers."""
    with unit_of_work():
        seal_ends.put_on_desks(at=clock.now())


PERIODIC = (
    Periodic("credentials.seal_proofs", HOUR, ask_authorities),
    Periodic("credentials.seal_lists", HOUR, keep_own_lists),
    Periodic("credentials.seal_ends", HOUR, look_at_ends),
)
SUBSCRIBERS = (
    Subscriber("credentials.key_order_carried_out", "credentials.ask_about_seal", on_certified, outside=True),
)
