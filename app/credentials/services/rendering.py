"""Rendering: the paper of a signed certificate is kept; None says that this machine draws none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core import files
from app.credentials.models import Batch, Certificate
from app.credentials.queries import steps as reads
from app.credentials.queries.keys import held_keys
from app.credentials.queries.seals import fingerprint_of
from app.credentials.services import rows
from app.credentials.services.rows import Changed, MovedOnError
from app.credentials.states import SealLevel

AT_ONCE = 8
"""How many are drawn before they are kept: what a kill can cost is a second of work."""
WITHOUT_PAPER = 500
READY = (Certificate.logged_at.is_not(None), Certificate.rendered_at.is_(None))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A drawn certificate: its key, the version that was drawn, its code, its PDF, how and under which certificate."""

    id: int
    version: int
    code: str
    pdf: bytes | None
    level: SealLevel | None = None
    under: str | None = None


def waiting(batch: Batch, after: int) -> list[Certificate]:
    """Return the next logged certificates of a batch behind a key that were not rendered yet, to be drawn."""
    return reads.certificates_after(batch.id, after, AT_ONCE, *READY)


def undrawn(batch: Batch, after: int) -> list[Rendered]:
    """Return the next of them where this machine draws no paper."""
    columns = (Certificate.id, Certificate.version, Certificate.code)
    found = reads.columns_after(batch.id, after, WITHOUT_PAPER, columns, *READY)
    return [Rendered(key, version, code, None) for key, version, code in found]


def keep(batch: Batch, rendered: Sequence[Rendered], at: datetime) -> None:
    """Keep the papers; their bytes lie on the disk already.

    Raises MovedOnError where the key that sealed them was compromised since, so that they are drawn again.
    """
    under = {one.under for one in rendered}
    revoked = (one.certificate for one in held_keys(batch.body_id) if one.revoked_at is not None)
    if any(one is not None and fingerprint_of(one) in under for one in revoked):
        raise MovedOnError("a key was compromised while it sealed")
    drawn = [(f"{one.code}.pdf", one.pdf) for one in rendered if one.pdf is not None]
    kept = iter(files.store_all(drawn, media_type="application/pdf"))
    files_of = [None if one.pdf is None else next(kept) for one in rendered]
    rows.write(
        [
            Changed(
                one.id,
                one.version,
                {"pdf_file_id": file_id, "seal_level": one.level, "sealed_under": one.under, "rendered_at": at},
            )
            for one, file_id in zip(rendered, files_of, strict=True)
        ]
    )
