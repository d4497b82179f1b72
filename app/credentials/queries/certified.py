"""The facts behind requests, asked of the rooms that keep them: one question a kind of record, however many rows."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import cast

from sqlalchemy import func, select

from app.core.db import session
from app.core.room import rooms
from app.credentials.models import CertificateRequest
from app.credentials.rules.certified import NOT_KEPT, Certified, Fact, judge
from app.credentials.rules.lint import Finding
from app.credentials.states import ReissueReason


def declared() -> dict[str, Certified]:
    """Return what rooms have certified, by the name of its source."""
    return {one.source: cast("Certified", one) for room in rooms() for one in room.certified}


def doubts(requests: Iterable[CertificateRequest]) -> dict[int, list[Finding]]:
    """Return what speaks against the facts of some requests, by their keys.

    A fact that no room keeps is a warning of its own (`NOT_KEPT`): a person vouches for it.
    """
    kinds = declared()
    listed: dict[str, list[CertificateRequest]] = {}
    for request in requests:
        listed.setdefault(request.source_type, []).append(request)
    found: dict[int, list[Finding]] = {}
    for source, asked in listed.items():
        found |= _judged(asked, kinds[source]) if source in kinds else {one.id: [Finding(NOT_KEPT)] for one in asked}
    return found


def _judged(requests: list[CertificateRequest], kind: Certified) -> Mapping[int, list[Finding]]:
    known = kind.known({one.source_code for one in requests})
    return {
        one.id: judge(_said(one), _known(one, known.get(one.source_code)) if one.kind is kind.kind else None)
        for one in requests
    }


def _known(request: CertificateRequest, known: Fact | None) -> Fact | None:
    """Return what a request must say: what follows a certificate restates what was counted then, unless corrected."""
    corrected = request.because is ReissueReason.DATA_CORRECTED
    if known is None or request.replaces_id is None or corrected:
        return known
    return replace(known, hours=None, entries=None, words=None)


def _said(request: CertificateRequest) -> Fact:
    fields = request.fields
    return Fact(
        request.person_id,
        request.organisation_id,
        fields.get("level"),
        fields.get("number"),
        hours=Decimal(fields["hours"]) if fields.get("hours") else None,
        entries={one["key"]: one["value"] for one in fields.get("entries", ())},
        words=fields.get("words", {}),
    )


def not_kept(batch_id: int) -> int:
    """Return for how many requests of a batch no room of the system keeps the fact."""
    query = select(func.count()).select_from(CertificateRequest)
    mine = (CertificateRequest.batch_id == batch_id, CertificateRequest.source_type.not_in(list(declared())))
    return session.scalar(query.where(*mine)) or 0
