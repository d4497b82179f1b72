"""Pictures and attachments that authors add to a bank while they write an item."""

from datetime import datetime

from app.core import events, files
from app.core.access import Actor
from app.core.db import session
from app.items import queries
from app.items.models import BankFile, ItemBank
from app.items.rules.bodies import FileRef
from app.items.rules.content import Enclosed
from app.items.rules.enclosures import digest_of
from app.items.services.subjects import of_bank


def add_file(bank: ItemBank, given: Enclosed, *, by: Actor, at: datetime) -> FileRef:
    """Keep a file that items of a bank may show; the same content is added once.

    The event comes first: where a rule refuses the author, nothing is kept.
    """
    digest = digest_of(given.data)
    known = queries.bank_files(bank, {digest})
    if known:
        return known[0]
    facts = {"sha256": digest, "media_type": given.media_type}
    events.record("items.file_added", of_bank(bank), by=by, at=at, data=facts)
    stored = files.store(given.data, name=given.name, media_type=given.media_type)
    session.add(
        BankFile(
            bank_id=bank.id,
            file_id=stored.id,
            name=given.name,
            media_type=given.media_type,
            added_by_id=by.person_id,
            added_at=at,
        )
    )
    session.flush()
    return FileRef(digest, given.name, given.media_type)
