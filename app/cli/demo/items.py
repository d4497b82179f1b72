"""The item bank of the demo, imported by its author and approved by its reviewer."""

from app.accounts import queries as accounts
from app.cli.demo.step import CONTENT, MADE_AT, Demo, acting_as
from app.items import demo as items

BODY = "exam-centre"


def load(demo: Demo) -> int:
    """Import the four files of the bank, and the items that show every type into a bank of their own."""
    del demo
    body, author, reviewer = accounts.organisation(BODY).id, acting_as("author"), acting_as("reviewer")
    folder = CONTENT / "items"
    return items.load(folder, organisation_id=body, author=author, reviewer=reviewer, at=MADE_AT) + items.load_types(
        folder / "types", organisation_id=body, author=author, reviewer=reviewer, at=MADE_AT
    )
