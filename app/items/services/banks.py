"""Writes of item banks: make one, note that it was taken out."""

import re
from datetime import datetime
from hashlib import sha256

from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.text import _l
from app.items import queries
from app.items.models import ItemBank
from app.items.rules import files
from app.items.services.subjects import of_bank
from app.items.states import FileKind, Purpose

BANK_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}", re.ASCII)


def create_bank(
    *, code: str, name_zh: str, name_en: str, organisation_id: int, purpose: Purpose, by: Actor | None, at: datetime
) -> ItemBank:
    """Make a bank; raises InvalidError for a code of other letters, ConflictError for a taken one."""
    if not BANK_CODE.fullmatch(code):
        raise InvalidError(
            _l("A bank code has 2 to 20 capital letters, digits and hyphens, such as JJ-JUNIOR."), field="code"
        )
    if queries.find_bank(code) is not None:
        raise ConflictError(
            _l("There is a bank with the code %(code)s already. Choose another.", code=code), field="code"
        )
    bank = ItemBank(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        organisation_id=organisation_id,
        purpose=purpose,
        created_by_id=by.person_id if by else None,
        created_at=at,
    )
    session.add(bank)
    session.flush()
    events.record("items.bank_created", of_bank(bank), by=by, at=at)
    return bank


def export(bank: ItemBank, kind: FileKind, *, by: Actor | None, at: datetime) -> bytes:
    """Write the items of a bank that are not retired as a file; who took it out and its hash stay on record."""
    listed = queries.contents(bank)
    data = files.write(listed, kind)
    facts = {"kind": kind.value, "items": len(listed), "sha256": sha256(data).hexdigest()}
    events.record("items.exported", of_bank(bank), by=by, at=at, data=facts)
    return data
