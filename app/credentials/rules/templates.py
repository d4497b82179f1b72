"""What each kind and level of certificate certifies, in both languages, and from when until when."""

# zh: what is signed stands in both languages, whoever reads it

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from app.credentials.rules.openbadge import Achievement, Bilingual
from app.credentials.states import CertificateKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
Level = Literal["junior", "intermediate", "senior"]
LEVELS: dict[Level, Bilingual] = {
    "junior": Bilingual("初级技术经纪人", "junior technology broker"),
    "intermediate": Bilingual("中级技术经纪人", "intermediate technology broker"),
    "senior": Bilingual("高级技术经理人", "senior technology manager"),
}
NAMES = {
    CertificateKind.COURSE_COMPLETION: Bilingual("{}培训结业证书", "Certificate of completed training: {}"),
    CertificateKind.EXAM_PASS: Bilingual("{}考试合格证书", "Certificate of a passed exam: {}"),
    CertificateKind.CAPABILITY: Bilingual("{}能力等级证书", "Certificate of capability: {}"),
}
DESCRIPTIONS = {
    CertificateKind.COURSE_COMPLETION: Bilingual(
        "持证人完成了{}培训大纲规定的课程。", "The holder completed the courses of the syllabus for the level of {}."
    ),
    CertificateKind.EXAM_PASS: Bilingual("持证人通过了{}考试。", "The holder passed the exam for the level of {}."),
    CertificateKind.CAPABILITY: Bilingual(
        "持证人达到了{}的能力要求。", "The holder meets the capability requirements of the level of {}."
    ),
}
CRITERIA = {
    CertificateKind.COURSE_COMPLETION: Bilingual(
        "在经认定的培训基地修满大纲规定的学时，并通过每课测验。",
        "Class hours of the syllabus completed at an accredited training base, with the quiz of every lesson passed.",
    ),
    CertificateKind.EXAM_PASS: Bilingual(
        "在统一组织的考试中达到合格线，成绩由两人复核后发布。",
        "Cut score reached in an exam under supervision, with the result released by two people.",
    ),
    CertificateKind.CAPABILITY: Bilingual(
        "修满培训大纲规定的学时，考试达到合格线，并由未参与其培训和考试的人员评定。",
        "Class hours of the syllabus completed, cut score of the exam reached, and the level awarded by a person "
        "who neither trained nor examined the holder.",
    ),
}


class CertificateFields(BaseModel):
    """The facts that a room hands over with a request; `valid_until` is the last valid day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Level
    valid_from: date
    valid_until: date | None = None
    number: str | None = Field(default=None, min_length=4, max_length=40, pattern=r"^[A-Z0-9][A-Z0-9-]+$")
    hours: Decimal | None = Field(default=None, gt=0, max_digits=7, decimal_places=2)


def achievement_of(kind: CertificateKind, level: Level, base_url: str) -> Achievement:
    """Return the achievement that certificates of a kind and level name."""
    return Achievement(
        url=f"{base_url}/achievements/{slug_of(kind, level)}",
        kind=kind,
        name=_filled(NAMES[kind], level),
        description=_filled(DESCRIPTIONS[kind], level),
        criteria=CRITERIA[kind],
        level=level,
    )


def slug_of(kind: CertificateKind, level: Level) -> str:
    """Return the last part of an achievement's address, such as `capability-junior`."""
    return f"{kind.replace('_', '-')}-{level}"


def achievement_by_slug(slug: str, base_url: str) -> Achievement | None:
    """Return the achievement at an address, None where there is none."""
    for kind in CertificateKind:
        for level in LEVELS:
            if slug_of(kind, level) == slug:
                return achievement_of(kind, level, base_url)
    return None


def _filled(text: Bilingual, level: Level) -> Bilingual:
    name = LEVELS[level]
    return Bilingual(text.zh.format(name.zh), text.en and text.en.format(name.en))


def first_instant(day: date) -> datetime:
    """Return the first instant of a day in Shanghai, in UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of(last_day: date | None) -> datetime | None:
    """Return the instant at which a validity ends whose last day is given."""
    return None if last_day is None else first_instant(last_day + timedelta(days=1))
