"""What stands against a row of a change of many certificates: facts of the row and its certificate -> a problem."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from app.credentials.states import (
    NOT_OF_BODIES,
    OF_AUTHORITY,
    OF_ROOMS,
    Act,
    CertificateState,
    ReissueReason,
    RevocationReason,
    SuspensionReason,
)

REASONS: Mapping[Act, frozenset[str]] = MappingProxyType(
    {
        # That a body is not trusted is for the authority to say
        Act.REVOKE: frozenset(RevocationReason) - OF_AUTHORITY,
        # What another office decides is for that office to say
        Act.SUSPEND: frozenset(SuspensionReason) - OF_ROOMS,
        # That a revocation was set aside or a body ended is for the authority to say
        Act.REISSUE: frozenset(ReissueReason) - NOT_OF_BODIES,
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """What the register knows of a row's certificate."""

    state: CertificateState
    valid_until: datetime | None
    asked: bool = False
    """Whether somebody asked to make it anew already."""
    renamed: bool = False
    """Whether its holder goes by another name today."""


def problem_of(act: Act, found: Found | None, reason: str | None, at: datetime) -> str | None:
    """Return the code of what stands against an act on a row's certificate, None where nothing does."""
    if found is None:
        return "unknown"
    if found.state in {CertificateState.STORED, CertificateState.SIGNED}:
        return "not-published"
    if found.state is CertificateState.REVOKED:
        return "revoked"
    return _of_act(act, found, at) or _of_reason(act, found, reason)


def _of_act(act: Act, found: Found, at: datetime) -> str | None:
    if act is Act.REVOKE:
        return None
    if found.state is CertificateState.SUSPENDED:
        return "suspended"
    if found.valid_until is not None and at >= found.valid_until:
        return "expired"
    return "asked" if act is Act.REISSUE and found.asked else None


def _of_reason(act: Act, found: Found, reason: str | None) -> str | None:
    if reason not in REASONS[act]:
        return "reason"
    same = act is Act.REISSUE and reason == ReissueReason.NAME_CHANGED and not found.renamed
    return "same-name" if same else None
