"""Rule packs for tests: a file as a regulator would write it, loaded, proposed and published by two people."""

from datetime import date

from app.accounts.states import Role
from app.core.db import unit_of_work
from app.rulebook import services
from app.rulebook.models import RulePack
from tests.factories.accounts import MADE_AT, SHANDONG, make_member, make_regions

AWARD_LEVELS = """
[[params.levels]]
code = "junior"
name_zh = "初级技术经纪人"
name_en = "Junior technology broker"
result_counts_months = 24
valid_years = {years}
filed_centrally = false
number_prefix = "JJC"
"""
PACK = """# A comment that a download must keep
kind = "{kind}"
code = "{code}"
name_zh = "{name_zh}"
name_en = "Award of levels"
region = "{region}"
starts_on = {starts_on}
{ends_on}tag = "sample"

[source]
title_zh = "样例"
title_en = "Sample"
issuer_zh = "测试机关"
issuer_en = "Test authority"
note_zh = "样例值"
note_en = "Sample values"
{params}"""


def pack_text(
    *,
    kind: str = "award",
    code: str = "award-test",
    name_zh: str = "授予规则",
    region: str = SHANDONG,
    starts_on: date = date(2025, 1, 1),
    ends_on: date | None = None,
    years: int = 5,
    params: str = AWARD_LEVELS,
) -> str:
    """Write a pack file of the kind `award`."""
    end = f"ends_on = {ends_on}\n" if ends_on else ""
    filled = params.format(years=years)
    return PACK.format(
        kind=kind, code=code, name_zh=name_zh, region=region, starts_on=starts_on, ends_on=end, params=filled
    )


def make_draft(**given: object) -> RulePack:
    """Load a pack file as the command line does."""
    make_regions()
    with unit_of_work():
        return services.load_draft(pack_text(**given), by=None, at=MADE_AT)  # type: ignore[arg-type]


def make_proposed(**given: object) -> RulePack:
    """Load a pack file and propose it as a regulator of its region."""
    pack = make_draft(**given)
    proposer = make_member(Role.REGULATOR, pack.region_code)
    with unit_of_work():
        services.propose(pack, by=proposer.actor, at=MADE_AT)
    return pack


def make_published(**given: object) -> RulePack:
    """Load a pack file, propose it and let a second regulator of its region publish it."""
    pack = make_proposed(**given)
    second = make_member(Role.REGULATOR, pack.region_code)
    with unit_of_work():
        services.publish(pack, by=second.actor, at=MADE_AT)
    return pack
