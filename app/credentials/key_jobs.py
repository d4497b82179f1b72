"""Work that follows from orders on keys and bodies: signing anew, revoking; and the keys that old bodies lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core import clock, files
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
from app.credentials.services.keys import Drawn, Resigned

AT_ONCE = 10
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Anew:
    """What was computed of one certificate: signed anew, and drawn where it has a paper."""

    signed: Resigned
    drawn: Drawn | None
    at: datetime


def next_resigned(job: Job) -> list[Anew]:
    """Sign and draw the next few certificates anew, under no write lock: a time-stamp authority may be slow."""
    order = reads.order_with(str(job.args["order"]))
    return [_anew(one, order) for one in reads.to_resign(order, 1 if paper.available() else AT_ONCE)]


def _anew(certificate: Certificate, order: KeyOrder) -> Anew:
    at = clock.now()
    signed = keys.sign_anew(certificate, order, at=at)
    if certificate.pdf_file_id is None or not paper.available():
        return Anew(signed, None, at)
    seal = seal_of(certificate.body)
    drawn = Drawn(paper.certificate_pdf(certificate, seal=seal), paper.level_of(seal), seal.certificate)
    files.put_in_place(drawn.pdf)
    return Anew(signed, drawn, at)


def resign(job: Job, made: Sequence[Anew]) -> bool:
    """Keep what was signed anew; return whether work is left. Killed and done again, each is signed once."""
    order = reads.order_with(str(job.args["order"]))
    job.cursor += 1
    for one in made:
        keys.keep_resigned(one.signed, one.drawn, order, at=one.at)
    job.done = min(job.done + len(made), job.total)
    if not made:
        keys.finish_resigning(order, at=clock.now())
    return bool(made)


def revoke_distrusted(job: Job) -> bool:
    """Revoke the next certificates of a body that is not trusted; return whether work is left."""
    done = body_orders.revoke_some(orders.order_with(str(job.args["order"])), at=clock.now())
    job.done = min(job.done + done, job.total)
    return done > 0


def _complete() -> None:
    with unit_of_work():
        keys.complete_all(at=clock.now())


RESIGN = JobKind(keys.JOB, _l("Sign anew after a compromise"), resign, prepare=next_resigned)
REVOKE = JobKind(body_orders.JOB, _l("Revoke what a distrusted body issued"), revoke_distrusted)
COMPLETE = Periodic("credentials.complete_keys", HOUR, _complete)
