"""The issuing body of the demo, with its signing key."""

from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.cli.demo.step import MADE_AT, Demo
from app.core.db import session, unit_of_work
from app.credentials.models import IssuingBody
from app.credentials.services import open_body

BODY = "certification-centre"


def load(demo: Demo) -> int:
    """Let the certification centre issue certificates under the identity of the site."""
    del demo
    with unit_of_work():
        before = _count()
        open_body(accounts.organisation(BODY), platform=True, by=None, at=MADE_AT)
        return _count() - before


def _count() -> int:
    return session.scalar(select(func.count()).select_from(IssuingBody)) or 0
