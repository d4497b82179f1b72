"""Organisations with their history, consents, and requests that wait: an erasure, a merge, a claim, a name."""

from datetime import datetime

from sqlalchemy import select

from app.accounts import queries, services
from app.accounts.actors import actor_of
from app.accounts.models import Organisation, Person
from app.accounts.rights import Claim, Erasure, NameCorrection, PersonMerge
from app.accounts.rules.credit_code import check_character
from app.accounts.services import claims, consents, erasure, merging, names
from app.accounts.services.names import Asking, Name
from app.accounts.states import IdentityKind, OrganisationKind, Role
from app.cli.demo.evidence import scan
from app.cli.demo.people import identity_number
from app.cli.demo.step import Demo, acting_as
from app.core import clock
from app.core.clock import SHANGHAI
from app.core.db import session, unit_of_work

# zh: invented bodies and people
AT = datetime(2026, 9, 14, 10, 0, tzinfo=SHANGHAI)
BODIES = (
    (
        OrganisationKind.INSTITUTION,
        "quanzhou-transfer",
        "泉舟技术转移有限公司（演示）",
        "Quanzhou Technology Transfer (demo)",
        "370100",
        "91370100MA9DEM001",
    ),
    (
        OrganisationKind.COMMITTEE_HOST,
        "shandong-committee",
        "山东省技术经纪专业职称评审委员会办公室（演示）",
        "Office of the Shandong Review Committee (demo)",
        "370000",
        "12370000MB9DEM002",
    ),
)
RENAMED = "泉舟技术转移服务有限公司（演示）"
LEAVER = ("郑小满", 981)
TWICE = ("顾长庚", 982, "18800000982")
MISNAMED = ("沈之微", 984, "沈知微", "SHEN ZHIWEI")
SLIP = "培训基地录入名册时将“知”误录为“之”，附身份证复印件。"
CLAIMANT = ("蔺如意", 983)
REASONS = "两份档案姓名相同，培训基地先后以证件和手机号录入，经电话核实为同一人。"


def load(demo: Demo) -> int:
    """Make what is missing of organisations and requests."""
    del demo
    with unit_of_work():
        return _bodies() + _consent() + _leaver() + _twice() + _claim() + _misnamed()


def _bodies() -> int:
    by = acting_as("nation")
    made = 0
    for kind, slug, name_zh, name_en, region, first in BODIES:
        if session.scalar(select(Organisation.id).where(Organisation.slug == slug)) is not None:
            continue
        code = first + check_character(first)
        body = services.register_organisation(
            kind=kind,
            slug=slug,
            name_zh=name_zh,
            name_en=name_en,
            region_code=region,
            credit_code=code,
            by=by,
            at=AT,
        )
        if kind is OrganisationKind.INSTITUTION:
            services.correct_organisation(body, {"name_zh": RENAMED}, by=by, at=AT)
        made += 1
    return made


def _consent() -> int:
    by = acting_as("trainee")
    if any(one.purpose == consents.PUBLISH_NAME for one in consents.consents_of(by.person_id)):
        return 0
    consents.give_consent(consents.PUBLISH_NAME, by=by, at=AT)
    return 1


def _person(name: str, serial: int) -> Person:
    return services.add_person(
        name=name,
        identity_kind=IdentityKind.RESIDENT_ID,
        identity_number=identity_number(serial),
        by=acting_as("base"),
        at=AT,
    )


def _leaver() -> int:
    person = _person(*LEAVER)
    if session.scalar(select(Erasure.id).where(Erasure.person_id == person.id)) is not None:
        return 0
    membership = services.grant_role(
        person, Role.TRAINEE, region_code="370102", starts_on=AT.date(), by=acting_as("base"), at=AT
    )
    erasure.request_erasure(by=actor_of(person, membership), at=AT)
    return 1


def _twice() -> int:
    name, serial, phone = TWICE
    kept = _person(name, serial)
    if session.scalar(select(PersonMerge.id).where(PersonMerge.kept_id == kept.id)) is not None:
        return 0
    gone = queries.person_by_name(phone) or services.add_person(name=name, phone=phone, at=AT)
    merging.propose_merge(kept, gone, reasons=REASONS, by=acting_as("secadmin"), at=AT)
    return 1


def _misnamed() -> int:
    """Let a person ask that a slip in their name be corrected; an administrator has yet to decide."""
    name, serial, right, latin = MISNAMED
    person = _person(name, serial)
    if session.scalar(select(NameCorrection.id).where(NameCorrection.person_id == person.id)) is not None:
        return 0
    membership = services.grant_role(
        person, Role.TRAINEE, region_code="370102", starts_on=AT.date(), by=acting_as("base"), at=AT
    )
    paper = scan(f"Resident identity card\n{latin}")
    names.ask(Asking(Name(right, latin), paper, SLIP), by=actor_of(person, membership), at=AT)
    return 1


def _claim() -> int:
    name, serial = CLAIMANT
    person = _person(name, serial)
    if session.scalar(select(Claim.id).where(Claim.person_id == person.id)) is not None:
        return 0
    services.invite(person, by=acting_as("base"), at=clock.real_now())
    claims.claim(name=name, kind=IdentityKind.RESIDENT_ID, number=identity_number(serial), on=clock.today(), at=AT)
    return 1
