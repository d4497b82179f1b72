"""The demo's item bank: the files of content/items, imported and approved as users would."""

from datetime import datetime
from pathlib import Path

from app.core.access import Actor
from app.core.db import unit_of_work
from app.items import queries, services
from app.items.models import ItemBank
from app.items.rules import files
from app.items.states import FileKind, Purpose

BANK = "JJ-JUNIOR"
# zh: the bilingual name of the demo's bank
NAME_ZH, NAME_EN = "初级技术经纪人考试题库", "Item bank of the junior level"


def load(folder: Path, *, organisation_id: int, author: Actor, reviewer: Actor, at: datetime) -> int:
    """Load every GIFT file of a folder into the demo's bank; return how many items came in, 0 on a second run.

    The author imports through the service that the command uses, the reviewer approves what is no longer new.
    """
    with unit_of_work():
        bank = _bank(organisation_id, author, at)
        taken = 0
        for path in sorted(folder.glob("*.gift")):
            parsed = files.read(path.read_bytes(), FileKind.GIFT)
            taken += len(services.import_items(bank, parsed, by=author, at=at).imported)
    with unit_of_work():
        bank = queries.bank_by_code(BANK)
        services.approve(bank, queries.approvable(bank, reviewer), by=reviewer, at=at)
    return taken


def _bank(organisation_id: int, author: Actor, at: datetime) -> ItemBank:
    return queries.find_bank(BANK) or services.create_bank(
        code=BANK,
        name_zh=NAME_ZH,
        name_en=NAME_EN,
        organisation_id=organisation_id,
        purpose=Purpose.EXAM,
        by=author,
        at=at,
    )
