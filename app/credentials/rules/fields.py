"""Every certified field of a certificate by its name, as programs read it."""

from app.credentials.rules.cose import QrFacts
from app.credentials.rules.openbadge import Certificate, Entry
from app.credentials.rules.qr_check import KnownBody
from app.credentials.rules.templates import end_of, first_instant, level_of


def fields_of(facts: Certificate) -> dict[str, str]:
    """Return all that was certified; instants in ISO 8601, what a certificate does not have is absent."""
    achievement, issuer, holder = facts.achievement, facts.issuer, facts.holder
    level = level_of(achievement)
    fields = {
        "id": facts.url,
        "holder": holder.name,
        "holder_latin": holder.name_latin,
        "kind": achievement.kind.value,
        "achievement": achievement.url,
        "achievement_zh": achievement.name.zh,
        "achievement_en": achievement.name.en,
        "description_zh": achievement.description.zh,
        "description_en": achievement.description.en,
        "criteria_zh": achievement.criteria.zh,
        "criteria_en": achievement.criteria.en,
        "level": achievement.level,
        "level_zh": level.zh if level else None,
        "level_en": level.en if level else None,
        "number": facts.number,
        "hours": None if facts.hours is None else f"{facts.hours:f}",
        **{name: value for one in facts.entries for name, value in _entry(one).items()},
        "issuer": issuer.did,
        "issuer_zh": issuer.name.zh,
        "issuer_en": issuer.name.en,
        "issuer_url": issuer.url,
        "valid_from": facts.valid_from.isoformat(),
        "valid_until": None if facts.valid_until is None else facts.valid_until.isoformat(),
        "statement": facts.statement,
        "status_list": facts.status.list_url,
        "status_index": str(facts.status.index),
    }
    return _without_gaps(fields)


def fields_of_code(facts: QrFacts, body: KnownBody | None) -> dict[str, str]:
    """Return all that a QR code proves, under the same names; `says` is what a kind without levels certifies."""
    until = end_of(facts.valid_until)
    fields = {
        "code": facts.code,
        "holder": facts.holder,
        "kind": facts.kind.value,
        "level" if facts.is_of_level else "says": facts.level,
        "level_zh": facts.level_name,
        "number": facts.number,
        "hours": None if facts.hours is None else f"{facts.hours:f}",
        "issuer": body.did if body else None,
        "issuer_zh": body.name_zh if body else None,
        "issuer_en": body.name_en if body else None,
        "valid_from": first_instant(facts.valid_from).isoformat(),
        "valid_until": None if until is None else until.isoformat(),
        "status_list": facts.list_code,
        "status_index": str(facts.index),
    }
    return _without_gaps(fields)


def _without_gaps(fields: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def _entry(one: Entry) -> dict[str, str | None]:
    """Return a further certified value with its label in both languages and its kind, all under its key."""
    return {
        f"entry:{one.key}": one.value,
        f"entry:{one.key}:zh": one.label.zh,
        f"entry:{one.key}:en": one.label.en,
        f"entry:{one.key}:kind": one.kind,
    }
