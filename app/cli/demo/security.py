"""Orders of the security administrators: one that waits for the second, one refused, one withdrawn."""

from datetime import UTC, date, datetime

from sqlalchemy import select

from app.accounts import services
from app.accounts.models import Person, SecurityOrder
from app.accounts.queries import account_by_name
from app.accounts.services import NewRole
from app.accounts.services.corrections import Wanted, correct
from app.accounts.states import Role
from app.cli.demo.people import DOMAIN
from app.cli.demo.step import Demo, acting_as
from app.core.db import session, unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _l

ASKED = datetime(2026, 10, 12, 1, 20, tzinfo=UTC)
DECIDED = datetime(2026, 10, 12, 7, 5, tzinfo=UTC)
LATELY = datetime(2026, 11, 2, 2, 40, tzinfo=UTC)
BEGINS = date(2026, 11, 1)


def load(demo: Demo) -> int:
    """Make the orders where there are none yet."""
    del demo
    with unit_of_work():
        if session.scalar(select(SecurityOrder.id).limit(1)) is not None:
            return 0
        first, second = acting_as("secadmin"), acting_as("secadmin2")
        marker = NewRole(Role.MARKER, "100000", None, BEGINS, None)
        refused = services.ask_role(_person("employer"), marker, reason=TRAINS, by=first, at=ASKED)
        services.refuse(refused, by=second, at=DECIDED)
        lecturer = NewRole(Role.LECTURER, "370000", None, BEGINS, date(2027, 10, 31))
        withdrawn = services.ask_role(_person("expert3"), lecturer, reason=TEACHES, by=second, at=ASKED)
        services.withdraw(withdrawn, reason=TURNED, by=second, at=DECIDED)
        services.ask_factor_reset(_person("marker2"), reason=LOST, by=first, at=LATELY)
        correct(_person("employer"), Wanted(phone=MOBILE), reason=CHANGED, by=first, at=LATELY)
    return 4


TRAINS = "本单位申请选派人员参加2026年第四季度阅卷。"  # zh: what an administrator wrote
TEACHES = "拟聘为2027年度春季培训班授课教师。"  # zh: what an administrator wrote
TURNED = "授课计划调整，暂不聘任。"  # zh: what an administrator wrote
CHANGED = "本人到场提出更换手机，核对身份证无误。"  # zh: what an administrator wrote
MOBILE = "18800000990"
LOST = "手机遗失，本人持身份证到考试中心当面核验。"  # zh: what an administrator wrote


def _person(sign_in: str) -> Person:
    account = account_by_name(f"{sign_in}@{DOMAIN}")
    if account is None:
        raise NotFoundError(_l("The demo's people are not loaded yet."))
    return account.person
