"""What stands against a row of a change of many certificates: facts of the row and its certificate -> a problem."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from app.credentials.states import Act, CertificateState, ReissueReason, RevocationReason, SuspensionReason

REASONS: Mapping[Act, type[RevocationReason | SuspensionReason | ReissueReason]] = MappingProxyType(
    {Act.REVOKE: RevocationReason, Act.SUSPEND: SuspensionReason, Act.REISSUE: ReissueReason}
)


@dataclass(frozen=True, slots=True)
class Found:
    """What the register knows of a row's certificate."""

    ours: bool
    state: CertificateState
    valid_until: datetime | None
    asked: bool = False
    """Whether somebody asked to make it anew already."""


def problem_of(act: Act, found: Found | None, reason: str | None, at: datetime) -> str | None:
    """Return the code of what stands against an act on a row's certificate, None where nothing does."""
    if found is None:
        return "unknown"
    if not found.ours:
        return "another-body"
    if found.state in {CertificateState.STORED, CertificateState.SIGNED}:
        return "not-published"
    if found.state is CertificateState.REVOKED:
        return "revoked"
    return _of_act(act, found, at) or (None if reason in set(REASONS[act]) else "reason")


def _of_act(act: Act, found: Found, at: datetime) -> str | None:
    if act is Act.REVOKE:
        return None
    if found.state is CertificateState.SUSPENDED:
        return "suspended"
    if found.valid_until is not None and at >= found.valid_until:
        return "expired"
    return "asked" if act is Act.REISSUE and found.asked else None
