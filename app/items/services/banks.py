"""Writes of item banks: make one, note that it was taken out."""

import re
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from app.core import events
from app.core import files as stored
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.text import _l
from app.items import queries
from app.items.models import ItemBank
from app.items.rules import files
from app.items.rules.files import Exported
from app.items.services.subjects import of_bank
from app.items.states import USUAL_REVIEWERS, FileKind, Purpose

BANK_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}", re.ASCII)


def create_bank(
    *,
    code: str,
    name_zh: str,
    name_en: str,
    organisation_id: int,
    purpose: Purpose,
    by: Actor | None,
    at: datetime,
    reviewers: int | None = None,
) -> ItemBank:
    """Make a bank whose versions so many reviewers must accept; as many as are usual for its purpose unless said.

    Raises InvalidError for a code of other letters, ConflictError for a taken one.
    """
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
        reviewers=reviewers or USUAL_REVIEWERS[purpose],
        created_by_id=by.person_id if by else None,
        created_at=at,
    )
    session.add(bank)
    session.flush()
    events.record("items.bank_created", of_bank(bank), by=by, at=at)
    return bank


def look_at_export(bank: ItemBank, kind: FileKind, *, retired: bool = False) -> Exported:
    """Write the items of a bank as a file; what it cannot hold is listed with the reason.

    Retired ones go out where they are asked for, else they are counted. Nothing is recorded: the file must not leave
    before `export` was called.
    """
    listed = queries.contents(bank, retired=retired)
    kept = queries.stored_files({one.sha256 for item in listed for one in item.body.files})
    written = files.export(listed, kind, lambda digest: stored.load(kept[digest]), queries.words_of(bank))
    return replace(written, retired=0 if retired else queries.count_retired(bank))


def export(bank: ItemBank, kind: FileKind, *, retired: bool = False, by: Actor | None, at: datetime) -> Exported:
    """Write the items of a bank as a file; who took it out, its hash and how much was left out stay on record."""
    written = look_at_export(bank, kind, retired=retired)
    facts = {
        "kind": kind.value,
        "items": len(written.codes),
        "left_out": len(written.left_out),
        "retired": written.retired,
        "sha256": sha256(written.data).hexdigest(),
    }
    events.record("items.exported", of_bank(bank), by=by, at=at, data=facts)
    return written
