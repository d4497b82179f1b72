"""From what a room asks to certify to what a certificate says, and from when until when it holds."""

# zh: what is signed stands in both languages, whoever reads it

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from re import fullmatch
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from app.credentials.rules.openbadge import LEVEL_CODE, RESERVED, Achievement, Bilingual, Entry
from app.credentials.rules.template_wording import BLANKS, LEVEL, Wording, filled, without_blanks
from app.credentials.states import OF_LEVELS, CertificateKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
Level = Annotated[str, Field(pattern=rf"^{LEVEL_CODE}$")]
LEVELS: dict[str, Bilingual] = {
    "junior": Bilingual("初级技术经纪人", "junior technology broker"),
    "intermediate": Bilingual("中级技术经纪人", "intermediate technology broker"),
    "senior": Bilingual("高级技术经理人", "senior technology manager"),
}
"""What the levels of the national syllabus are called wherever a certificate carries no other name of its level."""
MOST_ENTRIES = 20
MONTHS = 12
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\n{}]*\S[^\n{}]*$")]


class BilingualWords(BaseModel):
    """What fills one blank of a wording, or names an entry, in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: Words
    en: Words

    @property
    def pair(self) -> Bilingual:
        """Return both languages as the credential writes them."""
        return Bilingual(self.zh, self.en)


class EntryField(BaseModel):
    """One value that is certified beside the class hours, such as a score or the hours of a module."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    label: BilingualWords
    value: Words
    kind: str = Field(default="Result", pattern=r"^(ext:)?[A-Za-z]{1,40}$")

    @property
    def entry(self) -> Entry:
        """Return the entry as the credential writes it."""
        return Entry(self.key, self.label.pair, self.value, self.kind)


class CertificateFields(BaseModel):
    """The facts that a room hands over with a request; `valid_until` is the last valid day.

    `level_name` is what the rule pack that defines the level calls it; without one it goes by its national name.
    `words` fill the blanks of the template's wording (`BLANKS` of the kind), `entries` are further certified values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Level | None = None
    level_name: BilingualWords | None = None
    valid_from: date
    valid_until: date | None = None
    number: str | None = Field(default=None, min_length=4, max_length=40, pattern=r"^[A-Z0-9][A-Z0-9-]+$")
    hours: Decimal | None = Field(default=None, gt=0, max_digits=7, decimal_places=2)
    words: dict[str, BilingualWords] = Field(default_factory=dict)
    entries: tuple[EntryField, ...] = Field(default=(), max_length=MOST_ENTRIES)

    @property
    def own_level_name(self) -> Bilingual | None:
        """Return the name of the level where it is another than the national one; letter case makes no other name."""
        name = self.level_name.pair if self.level_name is not None else None
        national = LEVELS.get(self.level or "")
        return None if name is None or (national is not None and _folded(name) == _folded(national)) else name


def _folded(name: Bilingual) -> tuple[str, str]:
    return name.zh, (name.en or "").casefold()


def misfit(kind: CertificateKind, fields: CertificateFields) -> str | None:
    """Return the first field that does not fit the kind, None where all do."""
    if (kind in OF_LEVELS) != (fields.level is not None):
        return "level"
    if fields.level_name is not None and fields.level is None:
        return "level_name"
    if fields.level is not None and fields.level not in LEVELS and fields.level_name is None:
        return "level_name"
    if fields.words.keys() != BLANKS[kind] - {LEVEL}:
        return "words"
    keys = [one.key for one in fields.entries]
    if RESERVED.intersection(keys) or len(set(keys)) < len(keys):
        return "entries"
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """How long certificates of a kind and level hold, and whether and how they are renewed.

    `valid_months` is None for a certificate without an end; `renew_from_days` counts back from the last valid day;
    `takes` says what renewing takes.
    """

    kind: CertificateKind
    level: str | None
    valid_months: int | None
    may_renew: bool
    renew_from_days: int | None
    takes: Bilingual | None
    template: str
    """The code of the version that says so."""

    def last_day(self, first: date) -> date | None:
        """Return the last valid day of a certificate that is valid from a day, None where it has no end."""
        return None if self.valid_months is None else last_day_after(first, self.valid_months)

    def renewable_from(self, last: date) -> date | None:
        """Return the first day on which a certificate that ends on a day may be renewed, None where it may not."""
        return None if self.renew_from_days is None else last - timedelta(days=self.renew_from_days)


def last_day_after(first: date, months: int) -> date:
    """Return the last day of so many months from a first day: the day before its anniversary.

    Where the month has no such day, the last day of that month: from 31 August six months end on 28 February.
    """
    years, month = divmod(first.month - 1 + months, MONTHS)
    year, month = first.year + years, month + 1
    days = monthrange(year, month)[1]
    if first.day > days:
        return date(year, month, days)
    return date(year, month, first.day) - timedelta(days=1)


def achievement_of(kind: CertificateKind, wording: Wording, fields: CertificateFields, base_url: str) -> Achievement:
    """Return the achievement that a certificate names: the template's wording with its blanks filled."""
    words = words_of(fields)
    return Achievement(
        url=f"{base_url}/achievements/{slug_of(kind, fields.level)}",
        kind=kind,
        name=filled(wording.pair("name"), words),
        description=filled(wording.pair("description"), words),
        criteria=filled(wording.pair("criteria"), words),
        level=fields.level,
        level_name=fields.own_level_name,
    )


def words_of(fields: CertificateFields) -> Mapping[str, Bilingual]:
    """Return what fills the blanks of the wording, the level among it."""
    words = {name: one.pair for name, one in fields.words.items()}
    own = fields.own_level_name
    name = LEVELS.get(fields.level or "") if own is None else in_a_sentence(own)
    return {**words, LEVEL: name} if name is not None else words


def in_a_sentence(name: Bilingual) -> Bilingual:
    """Return a name as it stands within an English sentence: small, unless its first word is an abbreviation."""
    en = name.en or ""
    return Bilingual(name.zh, f"{en[:1].lower()}{en[1:]}" if en[1:2].islower() else name.en)


def level_of(achievement: Achievement) -> Bilingual | None:
    """Return what the level of a certificate is called: as it was certified, else by its national name."""
    return achievement.level_name or LEVELS.get(achievement.level or "")


def slug_of(kind: CertificateKind, level: str | None) -> str:
    """Return the last part of an achievement's address, such as `capability-junior`."""
    name = kind.value.replace("_", "-")
    return f"{name}-{level}" if level is not None else name


def kind_of_slug(slug: str) -> tuple[CertificateKind, str | None] | None:
    """Return what an achievement's address names, None where it names nothing; a level may be one of a rule pack."""
    for kind in CertificateKind:
        if kind not in OF_LEVELS:
            if slug == slug_of(kind, None):
                return kind, None
            continue
        level = slug.removeprefix(slug_of(kind, ""))
        if level != slug and fullmatch(LEVEL_CODE, level):
            return kind, level
    return None


def achievement_in_general(kind: CertificateKind, wording: Wording, level: str | None, base_url: str) -> Achievement:
    """Return an achievement as its own page shows it, without a certificate: open blanks stay open.

    So does that of a level that the national syllabus does not have: what it is called its certificates say.
    """
    name = LEVELS.get(level or "")

    def shown(part: str) -> Bilingual:
        text = wording.pair(part)
        return filled(text, {LEVEL: name}) if name is not None else without_blanks(text, kind)

    return Achievement(
        url=f"{base_url}/achievements/{slug_of(kind, level)}",
        kind=kind,
        name=shown("name"),
        description=shown("description"),
        criteria=shown("criteria"),
        level=level,
    )


def first_instant(day: date) -> datetime:
    """Return the first instant of a day in Shanghai, in UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of(last_day: date | None) -> datetime | None:
    """Return the instant at which a validity ends whose last day is given."""
    return None if last_day is None else first_instant(last_day + timedelta(days=1))
