"""The training bases of the demo: two accredited ones, in two provinces."""

from datetime import date

from sqlalchemy import select

from app.accounts import queries as accounts
from app.bases import services
from app.bases.models import TrainingBase
from app.cli.demo.step import MADE_AT, Demo, acting_as
from app.core.db import session, unit_of_work

# zh: addresses and decisions as a Chinese authority writes them
BASES = (
    ("qilu", "base", "济南市历下区经十路1号", "1 Jingshi Road, Lixia, Jinan", 120),
    ("lingnan", "base2", "深圳市南山区科苑路8号", "8 Keyuan Road, Nanshan, Shenzhen", 80),
)
FIRST_DAY = date(2025, 1, 10)
LAST_DAY = date(2028, 1, 9)
REASON = "条件齐备，师资、场地与实训合作机构均经核查。"


def load(demo: Demo) -> int:
    """Accredit the bases that are missing."""
    del demo
    made = 0
    with unit_of_work():
        known = set(session.scalars(select(TrainingBase.organisation_id)))
        for slug, sign_in, address_zh, address_en, capacity in BASES:
            organisation = accounts.organisation(slug)
            if organisation.id in known:
                continue
            base = services.apply(
                organisation,
                levels=["junior"],
                address_zh=address_zh,
                address_en=address_en,
                capacity=capacity,
                by=acting_as(sign_in),
                at=MADE_AT,
            )
            services.accredit(
                base, starts_on=FIRST_DAY, ends_on=LAST_DAY, reason=REASON, by=acting_as("nation"), at=MADE_AT
            )
            made += 1
    return made
