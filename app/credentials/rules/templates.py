"""From what a room asks to certify to what a certificate says, and from when until when it holds."""

# zh: what is signed stands in both languages, whoever reads it

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from app.credentials.rules.openbadge import HOURS, Achievement, Bilingual, Entry
from app.credentials.rules.template_wording import BLANKS, LEVEL, Wording, filled, without_blanks
from app.credentials.states import OF_LEVELS, CertificateKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
Level = Literal["junior", "intermediate", "senior"]
LEVELS: dict[Level, Bilingual] = {
    "junior": Bilingual("初级技术经纪人", "junior technology broker"),
    "intermediate": Bilingual("中级技术经纪人", "intermediate technology broker"),
    "senior": Bilingual("高级技术经理人", "senior technology manager"),
}
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

    `words` fill the blanks of the template's wording (`BLANKS` of the kind), `entries` are further certified values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Level | None = None
    valid_from: date
    valid_until: date | None = None
    number: str | None = Field(default=None, min_length=4, max_length=40, pattern=r"^[A-Z0-9][A-Z0-9-]+$")
    hours: Decimal | None = Field(default=None, gt=0, max_digits=7, decimal_places=2)
    words: dict[str, BilingualWords] = Field(default_factory=dict)
    entries: tuple[EntryField, ...] = Field(default=(), max_length=MOST_ENTRIES)


def misfit(kind: CertificateKind, fields: CertificateFields) -> str | None:
    """Return the first field that does not fit the kind, None where all do."""
    if (kind in OF_LEVELS) != (fields.level is not None):
        return "level"
    if fields.words.keys() != BLANKS[kind] - {LEVEL}:
        return "words"
    keys = [one.key for one in fields.entries]
    if HOURS in keys or len(set(keys)) < len(keys):
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
    )


def words_of(fields: CertificateFields) -> Mapping[str, Bilingual]:
    """Return what fills the blanks of the wording, the level among it."""
    words = {name: one.pair for name, one in fields.words.items()}
    return {**words, LEVEL: LEVELS[fields.level]} if fields.level is not None else words


def slug_of(kind: CertificateKind, level: Level | None) -> str:
    """Return the last part of an achievement's address, such as `capability-junior`."""
    name = kind.value.replace("_", "-")
    return f"{name}-{level}" if level is not None else name


def kind_of_slug(slug: str) -> tuple[CertificateKind, Level | None] | None:
    """Return what an achievement's address names, None where it names nothing."""
    for kind in CertificateKind:
        levels: tuple[Level | None, ...] = tuple(LEVELS) if kind in OF_LEVELS else (None,)
        for level in levels:
            if slug_of(kind, level) == slug:
                return kind, level
    return None


def achievement_in_general(kind: CertificateKind, wording: Wording, level: Level | None, base_url: str) -> Achievement:
    """Return an achievement as its own page shows it, without a certificate: open blanks stay open."""

    def shown(name: str) -> Bilingual:
        text = wording.pair(name)
        return filled(text, {LEVEL: LEVELS[level]}) if level is not None else without_blanks(text, kind)

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
