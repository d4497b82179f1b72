"""The item bank of the demo, imported by its author and accepted by its reviewers."""

from app.accounts import queries as accounts
from app.cli.demo.step import CONTENT, MADE_AT, Demo, acting_as
from app.items import demo as items

BODY = "exam-centre"


def load(demo: Demo) -> int:
    """Import the four files of the bank, and the items that show every type into a bank of their own."""
    del demo
    body, author = accounts.organisation(BODY).id, acting_as("author")
    reviewers = (acting_as("reviewer"), acting_as("reviewer2"))
    folder = CONTENT / "items"
    return items.load(folder, organisation_id=body, author=author, reviewers=reviewers, at=MADE_AT) + items.load_types(
        folder / "types", organisation_id=body, author=author, reviewers=reviewers, at=MADE_AT
    )
