"""What is asked at every door of title evaluation."""

from datetime import date

from app.cases.queries import restrictions

APPLYING = "titles.apply"


def refuse_restricted(person_id: int, on: date) -> None:
    """Raise ForbiddenError for a person who may not apply for a title, with the decision behind it."""
    restrictions.refuse_if_restricted(APPLYING, person_id=person_id, on=on)
