"""A PDF against its credential: what is printed must be what was certified, and the seal must cover the whole file.

Where the register keeps the sheet as it was issued, every line and all that draws it are compared. Without it every
certified value must be printed, and no day, figure or level that was not certified; but a text can be hidden and other
words drawn over it, so such a sheet is proven by the issuer's seal alone.
"""

# zh: how certificates write days

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.credentials.rules.openbadge import Bilingual, Certificate
from app.credentials.rules.templates import LEVELS, SHANGHAI, level_of
from app.credentials.rules.verdict import NOTHING, Check, CheckName, Result

ONE_SECOND = timedelta(seconds=1)
QUOTED = 60
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
CHINESE_DAY = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日", re.ASCII)
PLAIN_DAY = re.compile(r"(?<!\d)(\d{4})\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{1,2})(?!\d)", re.ASCII)
ENGLISH_DAY = re.compile(rf"(?<!\d)(\d{{1,2}})\s+({'|'.join(MONTHS)})\s+(\d{{4}})(?!\d)", re.ASCII)
FIGURE = re.compile(r"[0-9A-Za-z]*\d[0-9A-Za-z]*(?:[-.][0-9A-Za-z]+)*", re.ASCII)
HARMLESS = frozenset({"NONE", "LTA_UPDATES"})
WHOLE = "ENTIRE_FILE"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature in a PDF: whether it holds, what it covers, what was done after it, and its key in DER."""

    intact: bool
    coverage: str
    changed: str
    allowed: bool
    key: bytes


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a PDF shows and carries beside its credential; `drawing` is a hash of all that draws its pages."""

    text: str
    pages: int
    drawing: str = ""
    notes: int = 0
    signatures: tuple[Signature, ...] = ()


def paper_checks(
    sheet: Sheet,
    certificate: Certificate,
    *,
    issued: Sheet | None,
    is_issuers: Callable[[bytes], bool | None],
    was_issuers: Callable[[bytes], bool],
) -> tuple[Check, Check]:
    """Judge what a PDF shows and the signatures of the file; `issued` is the sheet that the register keeps."""
    seal = seal_check(sheet, issued=issued, is_issuers=is_issuers, was_issuers=was_issuers)
    return text_check(sheet, certificate, issued=issued, sealed=seal.result is Result.PASS), seal


def text_check(sheet: Sheet, certificate: Certificate, *, issued: Sheet | None, sealed: bool) -> Check:
    """Compare what is printed with what was certified.

    `issued` is the sheet that the register keeps; without it a text passes only under a seal that holds (`sealed`).
    """
    if issued is not None:
        return _against_issued(sheet, issued)
    found = _missing(sheet.text, certificate) or _uncertified(sheet.text, certificate)
    if found is not None:
        return found
    if sheet.notes:
        return _text(Result.FAIL, "notes-added")
    return _text(Result.PASS, "text-good") if sealed else _text(Result.UNKNOWN, "text-unproven")


def _text(result: Result, code: str, **params: str) -> Check:
    return Check(CheckName.TEXT, result, code, {name: value[:QUOTED] for name, value in params.items()} or NOTHING)


def _against_issued(sheet: Sheet, issued: Sheet) -> Check:
    if sheet.pages != issued.pages:
        return _text(Result.FAIL, "pages-changed", pages=str(sheet.pages), issued=str(issued.pages))
    if sheet.notes > issued.notes:
        return _text(Result.FAIL, "notes-added")
    if dense(sheet.text) != dense(issued.text):
        now, then = Counter(_lines(sheet.text)), Counter(_lines(issued.text))
        extra, missing = next(iter(now - then), ""), next(iter(then - now), "")
        if extra and missing:
            return _text(Result.FAIL, "text-changed", extra=extra, missing=missing)
        if extra or missing:
            return _text(Result.FAIL, "text-added" if extra else "text-missing", extra=extra, missing=missing)
    if sheet.drawing != issued.drawing:
        return _text(Result.UNKNOWN, "text-redrawn")
    return _text(Result.PASS, "text-as-issued")


def _missing(text: str, certificate: Certificate) -> Check | None:
    """Return the failed check where a certified value is not printed in any of its spellings."""
    closed_up, spaced = dense(text), _spaced(text)
    days = {day for day, _words in _days(spaced)}
    for value in _texts_printed(certificate):
        if dense(value) not in closed_up:
            return _text(Result.FAIL, "text-missing", missing=value)
    for day in certified_days(certificate):
        if day not in days:
            return _text(Result.FAIL, "text-missing", missing=day.isoformat())
    for figure in _figures_printed(certificate):
        if re.search(rf"(?<![0-9A-Za-z]){re.escape(figure)}(?![0-9A-Za-z])", spaced, re.ASCII) is None:
            return _text(Result.FAIL, "text-missing", missing=figure)
    return None


def _texts_printed(certificate: Certificate) -> Iterator[str]:
    achievement = certificate.achievement
    yield certificate.holder.name
    yield achievement.name.zh
    yield certificate.issuer.name.zh
    level = level_of(certificate.achievement)
    if level is not None:
        yield level.zh
    for entry in certificate.entries:
        yield entry.value


def _figures_printed(certificate: Certificate) -> Iterator[str]:
    if certificate.number is not None:
        yield certificate.number
    if certificate.hours is not None:
        yield f"{certificate.hours.normalize():f}"


def certified_days(certificate: Certificate) -> list[date]:
    """Return the days a certificate states: its first valid day, and its last where it has one."""
    days = [certificate.valid_from.astimezone(SHANGHAI).date()]
    if certificate.valid_until is not None:
        days.append((certificate.valid_until.astimezone(SHANGHAI) - ONE_SECOND).date())
    return days


def _uncertified(text: str, certificate: Certificate) -> Check | None:
    """Return the failed check where a day, a figure or a level is printed that was not certified."""
    spaced = _spaced(text)
    certified = set(certified_days(certificate))
    for day, words in _days(spaced):
        if day not in certified:
            return _text(Result.FAIL, "text-added", extra=words)
    known = dense(" ".join(_certified_texts(certificate)))
    rest = _without_days(spaced)
    figures = set(FIGURE.findall(_spaced(" ".join(_certified_texts(certificate)))))
    for figure in FIGURE.findall(rest):
        if figure not in figures and figure not in known:
            return _text(Result.FAIL, "text-added", extra=figure)
    for name in LEVELS.values():
        for words in filter(None, (name.zh, name.en)):
            if dense(words) in dense(text) and dense(words) not in known:
                return _text(Result.FAIL, "text-added", extra=words)
    return None


def _certified_texts(certificate: Certificate) -> list[str]:
    achievement, issuer, holder = certificate.achievement, certificate.issuer, certificate.holder
    level = level_of(certificate.achievement)
    texts = (achievement.name, achievement.description, achievement.criteria, issuer.name, level or Bilingual(""))
    return [
        holder.name,
        holder.name_latin or "",
        *(part for text in texts for part in (text.zh, text.en or "")),
        *_figures_printed(certificate),
        *(part for one in certificate.entries for part in (one.label.zh, one.label.en or "", one.value)),
        certificate.url,
        certificate.statement,
    ]


def _days(spaced: str) -> Iterator[tuple[date | None, str]]:
    """Yield every day that is written in a text, with its words; None for one that no calendar has."""
    for pattern in (CHINESE_DAY, PLAIN_DAY):
        for found in pattern.finditer(spaced):
            year, month, number = (int(part) for part in found.groups())
            yield _day(year, month, number), found[0]
    for found in ENGLISH_DAY.finditer(spaced):
        yield _day(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1])), found[0]


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _without_days(spaced: str) -> str:
    for pattern in (CHINESE_DAY, PLAIN_DAY, ENGLISH_DAY):
        spaced = pattern.sub(" ", spaced)
    return spaced


def dense(text: str) -> str:
    """Return a text without spaces and invisible characters, in one spelling of every character."""
    return "".join(_spaced(text).split())


def _spaced(text: str) -> str:
    return " ".join(_visible(text).split())


def _lines(text: str) -> list[str]:
    return [line for line in (dense(one) for one in text.splitlines()) if line]


def _visible(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")


def _never(_key: bytes) -> bool:
    return False


def seal_check(
    sheet: Sheet,
    *,
    issued: Sheet | None,
    is_issuers: Callable[[bytes], bool | None],
    was_issuers: Callable[[bytes], bool] = _never,
) -> Check:
    """Judge the signatures of a PDF; `is_issuers` tells whether a key is one of the issuer's, None where unknown.

    `was_issuers` tells whether it was one until it was compromised: such a seal proves nothing, yet is no stranger's.
    """
    if not sheet.signatures:
        if issued is not None and issued.signatures:
            return _seal(Result.FAIL, "seal-stripped")
        return _seal(Result.UNCHECKED, "seal-none")
    if not all(one.intact for one in sheet.signatures):
        return _seal(Result.FAIL, "seal-broken")
    if not _covered(sheet.signatures):
        return _seal(Result.FAIL, "seal-changed-after")
    return _owner(sheet.signatures, is_issuers, was_issuers)


def _owner(
    signatures: Iterable[Signature], is_issuers: Callable[[bytes], bool | None], was_issuers: Callable[[bytes], bool]
) -> Check:
    """Say whose signatures that hold are."""
    keys = [one.key for one in signatures]
    owners = {is_issuers(key) for key in keys}
    if True in owners:
        return _seal(Result.PASS, "seal-good")
    if None in owners:
        return _seal(Result.UNKNOWN, "seal-key-unknown")
    return _seal(Result.FAIL, "seal-key-revoked" if any(map(was_issuers, keys)) else "seal-of-another")


def _covered(signatures: Iterable[Signature]) -> bool:
    """Tell whether nothing but time-stamps and proofs of validity came after each signature."""
    return all(one.coverage == WHOLE or (one.changed in HARMLESS and one.allowed) for one in signatures)


def _seal(result: Result, code: str) -> Check:
    return Check(CheckName.SEAL, result, code)
