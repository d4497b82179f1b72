"""Delegations for tests, made through the services that the product uses."""

from datetime import date

from app.core.db import session, unit_of_work
from app.credentials.models import Delegation, IssuingBody
from app.credentials.services import delegations
from app.credentials.states import CertificateKind
from tests.factories.accounts import MADE_AT
from tests.factories.credentials import Office


def ask(
    authority: Office,
    body: IssuingBody,
    *,
    kinds: tuple[CertificateKind, ...] = tuple(CertificateKind),
    levels: tuple[str, ...] = ("junior", "intermediate", "senior"),
    first_day: date = date(2025, 1, 1),
    last_day: date | None = None,
) -> Delegation:
    """Ask for a delegation as the authority's first issuer."""
    with unit_of_work():
        return delegations.ask_delegation(
            session.get_one(IssuingBody, body.id),
            kinds=kinds,
            levels=levels,
            first_day=first_day,
            last_day=last_day,
            by=authority.first.actor,
            at=MADE_AT,
        )


def delegate(authority: Office, body: IssuingBody, **scope: object) -> Delegation:
    """Ask for a delegation and let the second issuer of the authority sign it."""
    asked = ask(authority, body, **scope)  # type: ignore[arg-type]
    with unit_of_work():
        found = session.get_one(Delegation, asked.id)
        delegations.approve_delegation(found, by=authority.second.actor, at=MADE_AT)
        return found
