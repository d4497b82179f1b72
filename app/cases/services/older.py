"""Titles of exhibits and recipients of deliveries from the time before keys of cases: put under the key, once.

Their tables are append-only. The triggers let exactly this pass: a plain text becomes a cipher, and nothing else of the
row changes.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select, update

from app.cases.models import CASE_TYPE, Case, CaseFile, Delivery, Notice
from app.core.db import session
from app.core.errors import ConflictError
from app.core.shredding import MARK, sealed

CHUNK = 200


def seal_some(*, among: Collection[str] | None = None) -> int:
    """Seal the next older titles and recipients, of the cases with these codes or of all; return how many."""
    titles = select(CaseFile.id, CaseFile.title_kept, Case.code).join(Case, Case.id == CaseFile.case_id)
    named = select(Delivery.id, Delivery.to_whom_kept, Case.code).join(Notice, Notice.id == Delivery.notice_id)
    done = 0
    for row_id, text, code in _some(titles.where(~CaseFile.title_kept.startswith(MARK)), among):
        done += 1
        session.execute(update(CaseFile).where(CaseFile.id == row_id).values(title_kept=_under(code, text)))
    recipients = named.join(Case, Case.id == Notice.case_id).where(~Delivery.to_whom_kept.startswith(MARK))
    for row_id, text, code in _some(recipients, among):
        done += 1
        session.execute(update(Delivery).where(Delivery.id == row_id).values(to_whom_kept=_under(code, text)))
    return done


def _some(query: Select[Any, Any, Any], among: Collection[str] | None) -> list[tuple[int, str, str]]:
    narrowed = query if among is None else query.where(Case.code.in_(among))
    return [(row_id, text, code) for row_id, text, code in session.execute(narrowed.limit(CHUNK))]


def _under(code: str, text: str) -> str:
    """Return a text under the key of its case; of one whose key was destroyed no text is left."""
    try:
        return sealed(text, CASE_TYPE, code)
    except ConflictError:
        return MARK
