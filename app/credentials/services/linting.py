"""Linting: each request is looked at as the certificate it would become, each stored certificate as it will be signed.

Looking writes nothing and asks few statements however many rows; keeping writes what was found.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from app.cases.models import Restriction
from app.cases.queries import restrictions
from app.core.clock import day_of
from app.core.columns import JsonList
from app.core.config import settings
from app.core.db import session
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.queries import certified, numbers
from app.credentials.queries import steps as reads
from app.credentials.queries.records import Holder
from app.credentials.queries.steps import Standing
from app.credentials.rules.certified import NOT_KEPT
from app.credentials.rules.lint import Finding, lint
from app.credentials.rules.openbadge import read_certificate
from app.credentials.services import rows, storing
from app.credentials.services.drafts import digest_of, draft_of, tools
from app.credentials.states import ONCE

CHUNK = 200
PEOPLE_AT_ONCE = 10_000
ISSUE = "credentials.issue"
"""The restriction from certificates: requests of a restricted person wait."""
ISSUE_TO_ORGANISATION = "credentials.issue_to_organisation"
"""The same for an organisation."""
RESTRICTED: JsonList = [{"code": "restricted", "params": {}}]


@dataclass(frozen=True, slots=True)
class Looked:
    """What lint found at a request, and the digest of what it looked at; a warning alone lets it pass."""

    id: int
    digest: bytes
    findings: JsonList
    passed: bool


@dataclass(frozen=True, slots=True)
class LookedAgain:
    """What lint found at a stored certificate, exactly as it will be signed."""

    id: int
    request_id: int
    findings: JsonList


@dataclass(frozen=True, slots=True)
class Barred:
    """The restrictions from certificates that bind holders, by the keys of people and of organisations."""

    people: dict[int, Restriction]
    organisations: dict[int, Restriction]

    def __bool__(self) -> bool:
        return bool(self.people or self.organisations)

    @property
    def first(self) -> Restriction:
        """Return one of them."""
        return next(iter((self.people | self.organisations).values()))

    def of(self, holder: Holder) -> bool:
        """Tell whether a holder is restricted."""
        return holder.person_id in self.people or holder.organisation_id in self.organisations


def restricted(holders: Iterable[Holder], *, at: datetime) -> Barred:
    """Return what restricts holders from certificates, some thousand people a statement."""
    day, listed = day_of(at), list(holders)
    people = [one for one in {holder.person_id for holder in listed} if one is not None]
    found: dict[int, Restriction] = {}
    for first in range(0, len(people), PEOPLE_AT_ONCE):
        found |= restrictions.restricted(ISSUE, people[first : first + PEOPLE_AT_ONCE], on=day)
    bodies = {holder.organisation_id for holder in listed if holder.organisation_id is not None}
    barred = restrictions.restricted_organisations(ISSUE_TO_ORGANISATION, bodies, on=day) if bodies else {}
    return Barred(found, barred)


def look(batch: Batch, after: int, *, at: datetime) -> list[Looked]:
    """Lint the next requests of a batch behind a key."""
    requests = reads.requests_after(batch.id, after, CHUNK)
    people = [one.person_id for one in requests if one.person_id is not None] if batch.kind in ONCE else []
    barred = restricted((Holder(one.person_id, one.organisation_id) for one in requests), at=at)
    standing = reads.standing_of(people, batch.kind, at)
    first = reads.first_in_batch(batch.id, people)
    doubts, taken = certified.doubts(requests), numbers.of_others(requests)
    looked = []
    for request in requests:
        facts = draft_of(request, batch.body, settings().public_url)
        fact = (request.person_id or 0, str(request.fields.get("level")))
        others = [one for one in standing.get(fact, []) if one.id != request.replaces_id]
        duplicate = bool(others) or first.get(fact, request.id) != request.id
        found = lint(facts, tools(duplicate=duplicate))
        if barred.of(Holder(request.person_id, request.organisation_id)):
            found.append(Finding("restricted"))
        found += [*doubts[request.id], *taken.get(request.id, [])]
        faults = _faults(found)
        looked.append(Looked(request.id, digest_of(facts), _as_rows(faults or found), passed=not faults))
    return looked


def _faults(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that keep a certificate from being signed: all but the warning."""
    return [one for one in findings if one.code != NOT_KEPT]


def _as_rows(findings: Sequence[Finding]) -> JsonList:
    return [{"code": one.code, "params": dict(one.params)} for one in findings]


def keep(batch: Batch, looked: Sequence[Looked]) -> None:
    """Keep what was found at each request."""
    session.execute(
        update(CertificateRequest),
        [
            {"id": one.id, "linted_digest": one.digest, "findings": one.findings, "lint_passed": one.passed}
            for one in looked
        ],
    )
    batch.faults += sum(not one.passed for one in looked)


def close(batch: Batch, *, at: datetime) -> None:
    """Note that every request of a batch was linted, and pin what was looked at."""
    batch.linted_at = at
    count_again(batch)


def count_again(batch: Batch) -> None:
    """Count what lint found in a batch, and pin what it looked at: after the lint, and when rows left it since."""
    batch.faults = reads.faults(batch.id)
    batch.not_kept = certified.not_kept(batch.id)
    batch.digest = pinned(batch)
    session.flush()


def pinned(batch: Batch) -> bytes:
    """Return the SHA-256 over the digests of what was linted in a batch, in the order of its requests."""
    digest = hashlib.sha256()
    for one in reads.digests(batch.id):
        digest.update(one)
    return digest.digest()


def look_again(batch: Batch, after: int, at: datetime) -> list[LookedAgain]:
    """Lint the next stored certificates of a batch behind a key, exactly as they will be signed."""
    stored = reads.certificates_after(batch.id, after, CHUNK, Certificate.linted_at.is_(None))
    people = [one.person_id for one in stored if one.person_id is not None] if batch.kind in ONCE else []
    standing = reads.standing_of(people, batch.kind, at)
    doubts = certified.doubts(reads.requests_with([one.request_id for one in stored]))
    return [_looked_again(one, standing, doubts[one.request_id]) for one in stored]


def _looked_again(
    certificate: Certificate, standing: dict[tuple[int | None, str], list[Standing]], doubts: list[Finding]
) -> LookedAgain:
    held = standing.get((certificate.person_id or 0, str(certificate.level)), [])
    others = [one for one in held if one.id != certificate.replaces_id]
    duplicate = any(one.id < certificate.id or (one.signed and one.id != certificate.id) for one in others)
    found = lint(read_certificate(certificate.document), tools(duplicate=duplicate))
    return LookedAgain(certificate.id, certificate.request_id, _as_rows([*found, *_faults(doubts)]))


def keep_again(batch: Batch, looked: Sequence[LookedAgain], at: datetime) -> None:
    """Let what passed be signed; what no longer passes goes back to wait, and nothing of it was signed."""
    good = [one.id for one in looked if not one.findings]
    rows.stamp(good, "linted_at", at)
    storing.take_back(batch, {one.request_id: one.findings for one in looked if one.findings}, at=at)
