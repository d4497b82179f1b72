"""How a ballot is named in events and to-dos."""

from app.ballots.models import Ballot
from app.core.events import Subject


def subject(found: Ballot) -> Subject:
    """Name a ballot."""
    return Subject("ballot", found.code)


def url(found: Ballot, page: str = "") -> str:
    """Return the address of a ballot's page."""
    return f"/ballots/{found.code}{page}"


def titles(found: Ballot) -> dict[str, str]:
    """Return the parameters of a to-do's sentence."""
    return {"ballot_zh": found.title_zh, "ballot_en": found.title_en}
