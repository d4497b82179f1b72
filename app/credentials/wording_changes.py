"""What happens to certificates after their issue, in words."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.core.clock import day_of
from app.core.config import settings
from app.core.errors import Text
from app.core.text import _, _l, in_language
from app.credentials.models import Batch, CertificateRequest
from app.credentials.queries.issued import Exported
from app.credentials.states import (
    Act,
    BatchState,
    CertificateState,
    ChangeState,
    ReissueReason,
    RequestState,
    Succession,
)
from app.credentials.wording import KINDS, REASONS, STANDINGS, level_named

REISSUE_REASONS: dict[str, Text] = {
    ReissueReason.NAME_CHANGED: _l("The holder's name changed"),
    ReissueReason.DATA_CORRECTED: _l("An entry was wrong"),
    ReissueReason.KEY_REPLACED: _l("The signing key was replaced"),
    ReissueReason.SET_ASIDE: _l("The revocation was set aside on appeal"),
    ReissueReason.BODY_ENDED: _l("Its issuing body ended; the body after it issues it"),
}
SUCCESSIONS: dict[str, Text] = {
    Succession.REISSUE: _l("Made anew, in place of the former"),
    Succession.RENEWAL: _l("Renewed, after the former"),
}
REQUEST_STATES: dict[str, tuple[Text, str]] = {
    RequestState.OPEN: (_l("Waits to be prepared"), "waiting"),
    RequestState.BATCHED: (_l("Being issued"), "info"),
    RequestState.DECLINED: (_l("Turned down"), "bad"),
    RequestState.WITHDRAWN: (_l("Withdrawn"), "bad"),
}
FOLLOWED = (_l("Issued"), "good")
ACTS: dict[str, Text] = {
    Act.REVOKE: _l("Revoke certificates"),
    Act.SUSPEND: _l("Suspend certificates"),
    Act.REISSUE: _l("Make certificates anew"),
}
CHANGE_STATES: dict[str, tuple[Text, str]] = {
    ChangeState.CHECKING: (_l("Being checked"), "info"),
    ChangeState.CHECKED: (_l("To be proposed"), "waiting"),
    ChangeState.PROPOSED: (_l("Waits for approval"), "waiting"),
    ChangeState.APPROVED: (_l("Being carried out"), "info"),
    ChangeState.REJECTED: (_l("Rejected"), "bad"),
    ChangeState.DISCARDED: (_l("Discarded"), "done"),
    ChangeState.DONE: (_l("Carried out"), "good"),
}
PROBLEMS: dict[str, Text] = {
    "unknown": _l("Your body issued no certificate under this number or link. Compare it letter by letter."),
    # in rows from when a certificate of another body was told apart from none
    "another-body": _l("Another body issued this certificate. Ask that body."),
    "not-published": _l("This certificate is still being issued. Take it when it is published."),
    "revoked": _l("This certificate was revoked already."),
    "suspended": _l("This certificate is suspended. Reinstate it first, or revoke it."),
    "expired": _l("This certificate has expired."),
    "asked": _l("Somebody asked already that this certificate be made anew."),
    "same-name": _l("The certificate carries the verified name already, so there is nothing to change."),
    "reason": _l("The reason is none of the list. Write it as the template does."),
    "twice": _l("An earlier row names this certificate already."),
}


def reason_codes(reasons: Mapping[str, Text]) -> dict[str, str]:
    """Return which code each reason stands for, as people write it in either language."""
    said = {in_language(text, locale): code for locale in ("zh_CN", "en") for code, text in reasons.items()}
    return {**{plain(text): str(code) for text, code in said.items()}, **{str(code): str(code) for code in reasons}}


TAKEN_BACK, IN_A_BATCH = (_l("Taken back"), "neutral"), (_l("In a batch that waits for its approval"), "waiting")


def state_of_request(request: CertificateRequest, batch: Batch | None) -> tuple[Text, str]:
    """Return where a request is and its tone; `batch` is the one that it is in."""
    if request.by_file and request.state is RequestState.DECLINED:
        return TAKEN_BACK
    if batch is not None and batch.state is BatchState.PREPARED:
        return IN_A_BATCH
    return REQUEST_STATES[request.state]


def plain(text: str) -> str:
    """Return a reason without what a typist adds."""
    return "".join(text.split()).lower()


def file_head() -> list[str]:
    """Return the headings of a file of issued certificates."""
    return [
        _("Holder"),
        _("Kind"),
        _("Level"),
        _("Unified number"),
        _("Address"),
        _("Issued"),
        _("Valid from"),
        _("Valid until"),
        _("State"),
        _("Revoked"),
        _("Reason"),
    ]


def file_row(row: Exported, at: datetime) -> list[str]:
    """Return one certificate as a file of issued certificates shows it; days in ISO 8601, in Shanghai."""
    last = row.valid_until - timedelta(seconds=1) if row.valid_until else None
    days = [day_of(one).isoformat() if one else "" for one in (row.published_at, row.valid_from, last)]
    return [
        row.name or "",
        str(KINDS[row.kind]),
        level_named(row.level, row.level_name),
        row.number or "",
        f"{settings().public_url}/credentials/{row.code}",
        *days,
        str(STANDINGS[_standing(row, at)][0]),
        day_of(row.revoked_at).isoformat() if row.revoked_at else "",
        str(REASONS[row.revoked_for]) if row.revoked_for else "",
    ]


def _standing(row: Exported, at: datetime) -> str:
    """Return the word for a state, as `verification.standing` reckons it."""
    if row.state is CertificateState.REVOKED:
        return "revoked"
    ended = row.suspended_until is not None and at >= row.suspended_until
    if row.state is CertificateState.SUSPENDED and not ended:
        return "suspended"
    if row.valid_until is not None and at >= row.valid_until:
        return "expired"
    return "not_yet" if at < row.valid_from else "valid"
