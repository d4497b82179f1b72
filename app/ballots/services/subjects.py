"""How a ballot is named in events and to-dos."""

from datetime import datetime

from app.ballots.models import Ballot
from app.core.events import Subject
from app.desk import services as desk


def subject(found: Ballot) -> Subject:
    """Name a ballot."""
    return Subject("ballot", found.code)


def url(found: Ballot, page: str = "") -> str:
    """Return the address of a ballot's page."""
    return f"/ballots/{found.code}{page}"


def titles(found: Ballot) -> dict[str, str]:
    """Return the parameters of a to-do's sentence."""
    return {"ballot_zh": found.title_zh, "ballot_en": found.title_en}


def ask_to_vote(found: Ballot, person_id: int, *, at: datetime) -> None:
    """Let the open vote wait for a voter."""
    desk.open_todo(
        "ballots.vote",
        subject(found),
        url=url(found, "/vote"),
        at=at,
        person_id=person_id,
        params=titles(found),
    )
