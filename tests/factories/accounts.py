"""Regions, organisations, people and members for tests, without the cost of password hashing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count

from sqlalchemy import insert, select

from app.accounts import services
from app.accounts.actors import actor_of
from app.accounts.models import Account, Membership, Organisation, Person, Region
from app.accounts.rules.identity import check_digit
from app.accounts.states import IdentityKind, OrganisationKind, RegionLevel, Role
from app.core.access import Actor
from app.core.clock import real_now
from app.core.db import session, unit_of_work

NATION, SHANDONG, JINAN, LIXIA = "100000", "370000", "370100", "370102"
QINGDAO, GUANGDONG, SHENZHEN = "370200", "440000", "440300"
REGIONS = (
    (NATION, None, RegionLevel.NATION, "全国", "China"),
    (SHANDONG, NATION, RegionLevel.PROVINCE, "山东省", "Shandong"),
    (JINAN, SHANDONG, RegionLevel.CITY, "济南市", "Jinan"),
    (LIXIA, JINAN, RegionLevel.COUNTY, "历下区", "Lixia"),
    (QINGDAO, SHANDONG, RegionLevel.CITY, "青岛市", "Qingdao"),
    (GUANGDONG, NATION, RegionLevel.PROVINCE, "广东省", "Guangdong"),
    (SHENZHEN, GUANGDONG, RegionLevel.CITY, "深圳市", "Shenzhen"),
)
LONG_AGO = date(2020, 1, 1)
MADE_AT = datetime(2020, 1, 1, tzinfo=UTC)
SURNAMES = "赵钱孙李周吴郑王冯陈"
GIVEN = ("明远", "思齐", "子衿", "若水", "文渊", "景行", "清扬", "知微", "立言", "乐之")
PASSWORD = "jing-ji-2026-ok"
_numbers = count(1)


@dataclass(frozen=True)
class Member:
    """A person with a role: `actor` for services, `token` for a browser's session."""

    person: Person
    membership: Membership
    actor: Actor


def make_regions() -> None:
    """Make the nation, two provinces, three cities and a county, once."""
    with unit_of_work():
        known = set(session.scalars(select(Region.code)))
        rows = [
            {
                "code": code,
                "parent_code": parent,
                "level": level,
                "name_zh": name_zh,
                "name_en": name_en,
                "source": "GB/T 2260",
            }
            for code, parent, level, name_zh, name_en in REGIONS
            if code not in known
        ]
        if rows:
            session.execute(insert(Region), rows)


def make_organisation(
    *,
    slug: str | None = None,
    kind: OrganisationKind = OrganisationKind.BASE,
    region: str = SHANDONG,
    name_zh: str = "测试培训基地",
    name_en: str = "Test training base",
) -> Organisation:
    """Make an organisation; the same slug gives the same one."""
    with unit_of_work():
        make_regions()
        return services.add_organisation(
            kind=kind,
            slug=slug or f"org-{next(_numbers)}",
            name_zh=name_zh,
            name_en=name_en,
            region_code=region,
            at=MADE_AT,
        )


def identity_number(number: int) -> str:
    """Return a formally valid resident identity number that nobody holds: born in 1900."""
    first = f"370102190001{number // 1000 % 28 + 1:02d}{number % 1000:03d}"
    return first + check_digit(first)


def make_person(
    *,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    number: str | None = None,
) -> Person:
    """Make a person with a fresh identity number, telephone and mail address."""
    serial = next(_numbers)
    with unit_of_work():
        return services.add_person(
            name=name or SURNAMES[serial % 10] + GIVEN[serial // 10 % 10],
            identity_kind=IdentityKind.RESIDENT_ID,
            identity_number=number or identity_number(serial),
            phone=phone or f"139{serial:08d}",
            email=email or f"person{serial}@demo.example",
            at=MADE_AT,
        )


def make_member(
    role: Role,
    region: str = SHANDONG,
    organisation: Organisation | None = None,
    *,
    person: Person | None = None,
    starts_on: date = LONG_AGO,
    ends_on: date | None = None,
) -> Member:
    """Make a person with a role in a region and, where given, an organisation."""
    with unit_of_work():
        make_regions()
        holder = person or make_person()
        membership = services.grant_role(
            holder,
            role,
            region_code=region,
            organisation_id=organisation.id if organisation else None,
            starts_on=starts_on,
            ends_on=ends_on,
            by=None,
            at=MADE_AT,
        )
        return Member(holder, membership, actor_of(holder, membership))


def member_of(membership: Membership) -> Member:
    """Return the member of a membership that was made before."""
    person = session.get_one(Person, membership.person_id)
    return Member(person, membership, actor_of(person, membership))


def open_session(member: Member, *, second_factor: bool = True) -> str:
    """Open a session for a member and return the token that a browser's cookie would hold."""
    with unit_of_work():
        return services.start_session(
            person=member.person,
            membership=member.membership,
            second_factor=second_factor,
            at=real_now(),
            agent="Tests",
        )


def make_account(person: Person, password: str = PASSWORD, *, totp_secret: str | None = None) -> Account:
    """Let a person sign in with a password (costs a real hash)."""
    with unit_of_work():
        return services.add_account(person, password, at=MADE_AT, totp_secret=totp_secret)
