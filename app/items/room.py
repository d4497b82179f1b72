"""What the items room gives to the house."""

from app.core.room import NavItem, Room
from app.core.text import _l
from app.items.access import GRANTS, Permission
from app.items.commands import group
from app.items.desk import NUMBERS, expected
from app.items.documents import DOCUMENTS
from app.items.personal_data import PERSONAL_DATA
from app.items.states import IMPORT, ITEM
from app.items.views import bp

room = Room(
    name="items",
    blueprints=(bp,),
    navigation=(NavItem(_l("Item banks"), "items.banks", Permission.VIEW, "stack-2", 30),),
    grants=GRANTS,
    events={
        "items.bank_created": _l("Bank made"),
        "items.exported": _l("%(items)s items taken out as a file"),
        "items.file_staged": _l("File with %(items)s items uploaded to be looked at"),
        "items.file_imported": _l("File imported: %(imported)s taken, %(skipped)s skipped, %(failed)s left out"),
        "items.file_added": _l("Picture or attachment added"),
        "items.imported": _l("Version %(version)s imported"),
        "items.accepted": _l("Version %(version)s accepted by a reviewer"),
        "items.approved": _l("Version %(version)s approved"),
        "items.revision_asked": _l("Revision of version %(version)s asked for"),
        "items.commented": _l("Version %(version)s commented on"),
        "items.written": _l("Version %(version)s written"),
        "items.alike_cleared": _l("Found to ask something else than %(other)s"),
        "items.retired": _l("Retired"),
    },
    todo_kinds={
        "items.review": _l("Review the drafts of the item bank: %(bank)s"),
        "items.revise": _l("Revise the item %(item)s as its reviewer asks"),
    },
    documents=DOCUMENTS,
    todo_sources=(expected,),
    home_numbers=NUMBERS,
    lifecycles=(ITEM, IMPORT),
    commands=(group,),
    personal_data=PERSONAL_DATA,
)
