"""The item bank of the demo, imported by its author and approved by its reviewer."""

from app.accounts import queries as accounts
from app.cli.demo.step import CONTENT, MADE_AT, Demo, acting_as
from app.items import demo as items

BODY = "exam-centre"


def load(demo: Demo) -> int:
    """Import the four files of the bank."""
    del demo
    return items.load(
        CONTENT / "items",
        organisation_id=accounts.organisation(BODY).id,
        author=acting_as("author"),
        reviewer=acting_as("reviewer"),
        at=MADE_AT,
    )
