"""What the room does outside of a transaction: the letter with the counterparty's link."""

from app.core.clock import day_of, real_now
from app.core.config import settings
from app.core.db import unit_of_work
from app.core.events import Event
from app.core.post import Letter, Outcome, send
from app.core.text import _
from app.evidence.queries.counterparty import by_code
from app.evidence.services.counterparty import letter_of, mailed


def send_link(happened: Event) -> None:
    """Mail the link of a request once; one that has ended or went already is left."""
    code = happened.data["request"]
    with unit_of_work():
        request, evidence = by_code(code)
        found = letter_of(request, evidence)
        name, party, until = evidence.person.name, request.party, day_of(request.expires_at)
    if found is None:
        return
    address, token = found
    link = f"{settings().public_url}/evidence/answer/{token}"
    body = _(
        "%(party)s: %(name)s has declared work for you as a technology manager. Please read it and say whether it is "
        "right; no account is needed. The link opens once, until %(until)s:\n\n%(link)s\n\nIf this does not concern "
        "you, leave it unanswered.",
        party=party,
        name=name,
        until=until.isoformat(),
        link=link,
    )
    letter = Letter(
        to=address, subject=_("Please confirm a technology deal"), body=body, key=f"evidence.request.{code}"
    )
    if send(letter) is Outcome.NOT_SET_UP:
        return
    with unit_of_work():
        mailed(by_code(code).request, real=real_now())
