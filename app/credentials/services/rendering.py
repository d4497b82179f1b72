"""Rendering: the paper of a signed certificate is kept; None says that this machine draws none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core import files
from app.core.db import session
from app.credentials.models import Batch, Certificate
from app.credentials.queries import steps as reads

AT_ONCE = 8
"""How many are drawn before they are kept: what a kill can cost is a second of work."""
WITHOUT_PAPER = 500


@dataclass(frozen=True, slots=True)
class Rendered:
    """A drawn certificate: its key, its code, and its PDF."""

    id: int
    code: str
    pdf: bytes | None


def waiting(batch: Batch, after: int, limit: int) -> list[Certificate]:
    """Return the next logged certificates of a batch behind a key that were not rendered yet."""
    ready = (Certificate.logged_at.is_not(None), Certificate.rendered_at.is_(None))
    return reads.certificates_after(batch.id, after, limit, *ready)


def keep(batch: Batch, rendered: Sequence[Rendered], at: datetime) -> None:
    """Keep the papers; their bytes lie on the disk already."""
    del batch
    for one in rendered:
        certificate = session.get_one(Certificate, one.id)
        stored = None
        if one.pdf is not None:
            stored = files.store(one.pdf, name=f"{one.code}.pdf", media_type="application/pdf")
        certificate.pdf_file_id = stored.id if stored else None
        certificate.rendered_at = at
    session.flush()
