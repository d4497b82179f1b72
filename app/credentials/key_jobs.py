"""Work that follows from orders on keys and bodies: signing anew, revoking; and the keys that old bodies lack."""

from app.core import clock
from app.core.db import unit_of_work
from app.core.jobs import Job
from app.core.room import JobKind, Periodic
from app.core.text import _l
from app.credentials import paper
from app.credentials.models import Certificate, KeyOrder
from app.credentials.queries import body_orders as orders
from app.credentials.queries import keys as reads
from app.credentials.services import body_orders, keys
from app.credentials.services.bodies import seal_of

AT_ONCE = 10
HOUR = 3600


def resign(job: Job) -> bool:
    """Sign the next few certificates anew; return whether work is left. Killed and done again, each is signed once."""
    order = reads.order_with(str(job.args["order"]))
    waiting = reads.to_resign(order, 1 if paper.available() else AT_ONCE)
    for certificate in waiting:
        _one(certificate, order)
    job.done = min(job.done + len(waiting), job.total)
    if not waiting:
        keys.finish_resigning(order, at=clock.now())
    return bool(waiting)


def _one(certificate: Certificate, order: KeyOrder) -> None:
    at = clock.now()
    keys.resign(certificate, order, at=at)
    if certificate.pdf_file_id is not None and paper.available():
        seal = seal_of(certificate.body)
        drawn = paper.certificate_pdf(certificate, seal=seal)
        keys.keep_paper(certificate, drawn, level=paper.level_of(seal), under=seal.certificate, at=at)


def revoke_distrusted(job: Job) -> bool:
    """Revoke the next certificates of a body that is not trusted; return whether work is left."""
    done = body_orders.revoke_some(orders.order_with(str(job.args["order"])), at=clock.now())
    job.done = min(job.done + done, job.total)
    return done > 0


def _complete() -> None:
    with unit_of_work():
        keys.complete_all(at=clock.now())


RESIGN = JobKind(keys.JOB, _l("Sign anew after a compromise"), resign)
REVOKE = JobKind(body_orders.JOB, _l("Revoke what a distrusted body issued"), revoke_distrusted)
COMPLETE = Periodic("credentials.complete_keys", HOUR, _complete)
