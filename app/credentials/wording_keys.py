"""Keys, orders on them and delegations in words, put when they are shown."""

from datetime import datetime

from app.core.errors import Text
from app.core.signing import Algorithm
from app.core.text import _, _l
from app.credentials.models import Delegation, SigningKey
from app.credentials.states import DelegationState, KeyAct, KeyOrderState
from app.credentials.wording import KINDS
from app.rulebook.terms import LEVEL_NAMES

ALGORITHMS: dict[str, Text] = {
    Algorithm.ED25519: _l("Ed25519: credentials as JSON, status lists, endorsements"),
    Algorithm.P256: _l("ES256: credentials as JWT, QR codes, the trust bundle"),
    Algorithm.RSA: _l("RS256: the seal of PDF files"),
}
ACTS: dict[str, Text] = {
    KeyAct.ROTATE: _l("Rotate: retire it and make the next"),
    KeyAct.COMPROMISE: _l("Compromise: revoke it and sign anew what it signed"),
    KeyAct.CERTIFY: _l("Certificate of an authority: seal PDF files under its chain"),
}
ORDER_STATES: dict[str, tuple[Text, str]] = {
    KeyOrderState.ASKED: (_l("Waits for a second person"), "waiting"),
    KeyOrderState.CARRIED_OUT: (_l("Carried out"), "good"),
    KeyOrderState.REFUSED: (_l("Turned down"), "bad"),
}


def key_state(key: SigningKey) -> tuple[str, str]:
    """Return the word and the tone for a key."""
    if key.revoked_at is not None:
        return _("Revoked"), "bad"
    return (_("Retired"), "neutral") if key.retired_at is not None else (_("Current"), "good")


def scope_words(delegation: Delegation) -> tuple[str, str]:
    """Return the kinds and the levels of a delegation as two lines."""
    kinds = [str(KINDS[one]) for one in delegation.kinds]
    levels = [str(LEVEL_NAMES[one]) for one in delegation.levels]
    return " · ".join(kinds), " · ".join(levels) or "–"


def delegation_state(delegation: Delegation, at: datetime) -> tuple[str, str]:
    """Return the word and the tone for a delegation at an instant."""
    if delegation.state is DelegationState.ASKED:
        return _("Waits for a second person"), "waiting"
    if delegation.state is DelegationState.REFUSED:
        return _("Turned down"), "bad"
    over = delegation.valid_until is not None and at >= delegation.valid_until
    if delegation.state is DelegationState.ENDED or over:
        return _("Ended"), "neutral"
    return (_("Begins later"), "waiting") if at < delegation.valid_from else (_("In force"), "good")
