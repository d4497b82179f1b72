"""Numbers of certificates: each is one holder's, who keeps it where a certificate is made anew or renewed."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.core.db import session
from app.credentials.models import Batch, CertificateRequest, HeldNumber
from app.credentials.queries import numbers as reads

INSERT: Mapping[str, Callable[..., Any]] = {"postgresql": postgresql_insert, "sqlite": sqlite_insert}
COLUMNS = ["number", "person_id", "organisation_id"]


def claim(batch: Batch) -> None:
    """Let the holders of a batch hold the numbers of its rows, where nobody holds them; three statements.

    A holder of whom no row in a batch carries the number any more loses it here, to whoever asks next. The numbers are
    locked before that is asked, so that two batches never both take one.
    """
    asked = (CertificateRequest.batch_id == batch.id, CertificateRequest.number.is_not(None))
    mine = select(CertificateRequest.number).where(*asked)
    session.execute(
        select(HeldNumber.id).where(HeldNumber.number.in_(mine)).order_by(HeldNumber.id).with_for_update()
    ).all()
    idle = delete(HeldNumber).where(HeldNumber.number.in_(mine), ~reads.is_carried())
    session.execute(idle.execution_options(synchronize_session=False))
    rows = select(CertificateRequest.number, CertificateRequest.person_id, CertificateRequest.organisation_id)
    taken = INSERT[session.get_bind().dialect.name](HeldNumber).from_select(
        COLUMNS, rows.where(*asked).order_by(CertificateRequest.id)
    )
    session.execute(taken.on_conflict_do_nothing(index_elements=["number"]))
