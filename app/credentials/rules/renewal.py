"""Whether a certificate may be renewed on a day and for which period, and whether what follows it falls with it.

The terms of a renewal are those of its template.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from app.credentials.rules.templates import Terms
from app.credentials.states import TAKES_ALONG, ReissueReason, RevocationReason, Succession

ONE_DAY = timedelta(days=1)
NOT_AFTER = timedelta(0)
"""Where no authority says how long after its end a certificate may be renewed, it is renewed until its last day."""
FORGIVEN = {
    ReissueReason.SET_ASIDE: frozenset(RevocationReason),
    ReissueReason.BODY_ENDED: frozenset({RevocationReason.ISSUER_DISTRUSTED}),
    ReissueReason.KEY_REPLACED: frozenset({RevocationReason.KEY_COMPROMISED}),
}
"""Revocations after which a certificate is made anew for this very reason."""


def falls_with(succession: Succession | None, because: ReissueReason | None, reason: RevocationReason) -> bool:
    """Tell whether what follows a certificate, issued or only asked for, falls when that is revoked for a reason.

    What takes its place always does, unless it is made because of the revocation; what renews it does where the reason
    lies in the fact that both certify.
    """
    if because is not None and reason in FORGIVEN.get(because, ()):
        return False
    return succession is not Succession.RENEWAL or TAKES_ALONG[reason]


@dataclass(frozen=True, slots=True)
class Period:
    """A validity by its first and last day."""

    first: date
    last: date


class RenewalError(ValueError):
    """The certificate is not renewed on this day; `code` says why, `on` names the day where one counts."""

    def __init__(self, code: str, on: date | None = None) -> None:
        super().__init__(code, on)
        self.code = code
        self.on = on


def renewed_period(
    terms: Terms,
    last_day: date | None,
    today: date,
    *,
    opens_before: timedelta | None = None,
    closes_after: timedelta = NOT_AFTER,
) -> Period:
    """Return the period of a renewal asked for on a day; a rule pack may move when it opens and closes.

    Before the end it begins the day after the last one, so that no day is without a certificate and none has two;
    after the end it begins today. Raises RenewalError with `not-renewed`, `no-end`, `too-early` (and from when) or
    `too-late` (and since when).
    """
    if last_day is None:
        raise RenewalError("no-end")
    opens = terms.renewable_from(last_day) if opens_before is None else last_day - opens_before
    if not terms.may_renew or opens is None:
        raise RenewalError("not-renewed")
    if today < opens:
        raise RenewalError("too-early", opens)
    if today > last_day + closes_after:
        raise RenewalError("too-late", last_day + closes_after)
    first = last_day + ONE_DAY if today <= last_day else today
    last = terms.last_day(first)
    if last is None:
        raise RenewalError("no-end")
    return Period(first, last)
