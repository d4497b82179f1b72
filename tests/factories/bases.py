"""Training bases for tests: applied for and decided on as the product does."""

from datetime import date

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.bases import services
from app.bases.models import TrainingBase
from app.core.db import unit_of_work
from tests.factories.accounts import MADE_AT, SHANDONG, make_member, make_organisation

FIRST_DAY, LAST_DAY = date(2025, 1, 10), date(2028, 1, 9)


def make_application(
    organisation: Organisation | None = None, *, region: str = SHANDONG, name_zh: str = "测试培训基地"
) -> TrainingBase:
    """Let an organisation apply for accreditation as a training base."""
    applicant = organisation or make_organisation(region=region, name_zh=name_zh)
    staff = make_member(Role.BASE, applicant.region_code, applicant)
    with unit_of_work():
        return services.apply(
            applicant,
            levels=["junior"],
            address_zh="济南市历下区经十路1号",
            address_en="1 Jingshi Road, Jinan",
            capacity=120,
            by=staff.actor,
            at=MADE_AT,
        )


def make_accredited(
    organisation: Organisation | None = None,
    *,
    region: str = SHANDONG,
    name_zh: str = "测试培训基地",
    starts_on: date = FIRST_DAY,
    ends_on: date = LAST_DAY,
) -> TrainingBase:
    """Make a base that its province has accredited."""
    base = make_application(organisation, region=region, name_zh=name_zh)
    regulator = make_member(Role.REGULATOR, f"{base.region_code[:2]}0000")
    with unit_of_work():
        services.accredit(
            base, starts_on=starts_on, ends_on=ends_on, reason="条件齐备。", by=regulator.actor, at=MADE_AT
        )
    return base


def decide(base: TrainingBase, *moves: str) -> TrainingBase:
    """Let the province of a base make decisions one after the other."""
    regulator = make_member(Role.REGULATOR, f"{base.region_code[:2]}0000")
    for move in moves:
        with unit_of_work():
            services.decide(base, move, reason=f"依据核查：{move}", by=regulator.actor, at=MADE_AT)
    return base
