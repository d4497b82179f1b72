"""The to-do of a body's issuers while requests wait to be prepared."""

from datetime import datetime

from app.accounts.states import Role
from app.credentials.models import IssuingBody
from app.credentials.queries import steps as reads
from app.credentials.services.bodies import subject as body_subject
from app.desk import services as desk


def let_prepare(body: IssuingBody, *, at: datetime) -> None:
    """Let the issuers of a body know that a request waits."""
    desk.open_todo(
        "credentials.prepare",
        body_subject(body),
        url="/issuing",
        at=at,
        role=Role.ISSUER,
        organisation_id=body.organisation_id,
        params={"body_zh": body.name_zh, "body_en": body.name_en},
    )


def settle_preparing(body: IssuingBody, *, at: datetime) -> None:
    """Close the to-do of a body's issuers where no request waits any more."""
    if not reads.anyone_waits(body.id):
        desk.close_todos(body_subject(body), kind="credentials.prepare", at=at)
