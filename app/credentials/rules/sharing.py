"""What a shared page may say: always kind, state and holder's name, beside them only what the holder chose."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from app.credentials.rules.openbadge import Certificate, Entry
from app.credentials.states import SharedField

DAYS = (1, 7, 30, 90, 180, 365)
"""How long a link may live, in days; a year at most, so that no link outlives its purpose unseen."""
MOST_CERTIFICATES = 20
MOST_LINKS = 100
"""So many links of one person may stand at once."""

Value = str | datetime | Entry | None


class LinkState(StrEnum):
    """Where a link is; only an open one shows anything."""

    OPEN = "open"
    EXPIRED = "expired"
    REVOKED = "revoked"


def link_state(*, expires_at: datetime, revoked_at: datetime | None, at: datetime) -> LinkState:
    """Return where a link is at an instant of security time."""
    if revoked_at is not None:
        return LinkState.REVOKED
    return LinkState.EXPIRED if at >= expires_at else LinkState.OPEN


def expiry(days: int, at: datetime) -> datetime:
    """Return when a link made now ends; raises ValueError for a term that is not offered."""
    if days not in DAYS:
        raise ValueError(days)
    return at + timedelta(days=days)


def chosen_fields(given: Iterable[str]) -> list[SharedField]:
    """Return the known fields among the given ones, each once, in the order in which they are shown."""
    known = set(given)
    return [field for field in SharedField if field.value in known]


def opens_everything(fields: Collection[SharedField]) -> bool:
    """Tell whether the reader could open the whole public page anyway, since its number or all fields are shared.

    Whoever has the unified number finds the public page; so only then may the shared page lead there.
    """
    return SharedField.NUMBER in fields or set(fields) >= set(SharedField)


def shown_values(facts: Certificate, fields: Collection[SharedField]) -> dict[SharedField, tuple[Value, ...]]:
    """Return the values of the chosen fields that the certificate has; the others never leave this function."""
    values: dict[SharedField, tuple[Value, ...]] = {
        SharedField.LATIN_NAME: (facts.holder.name_latin,),
        SharedField.LEVEL: _level(facts),
        SharedField.NUMBER: (facts.number,),
        SharedField.HOURS: (None if facts.hours is None else f"{facts.hours.normalize():f}",),
        SharedField.ENTRIES: facts.entries,
        SharedField.DATES: (facts.valid_from, facts.valid_until),
        SharedField.ISSUER: (facts.issuer.name.zh, facts.issuer.name.en),
    }
    return {field: value for field, value in values.items() if field in fields and value and value[0] is not None}


def _level(facts: Certificate) -> tuple[Value, ...]:
    """Return the code of the level and, where they are its own, its names in Chinese and English."""
    own = facts.achievement.level_name
    return (facts.achievement.level,) if own is None else (facts.achievement.level, own.zh, own.en)


def withheld(facts: Certificate, fields: Collection[SharedField]) -> list[SharedField]:
    """Return the fields that the certificate has and the holder did not share."""
    everything = shown_values(facts, list(SharedField))
    return [field for field in SharedField if field in everything and field not in fields]
