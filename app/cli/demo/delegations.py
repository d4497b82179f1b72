"""A delegated body of the demo; a rotation of a key and the end of a body that wait for a second person."""

from datetime import date

from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.cli.demo.step import MADE_AT, Demo, acting_as
from app.core.db import session, unit_of_work
from app.core.signing import Algorithm
from app.credentials import queries
from app.credentials.models import Delegation
from app.credentials.services import body_orders, delegations, keys, open_body
from app.credentials.states import BodyAct, CertificateKind, KeyAct

BODY = "sichuan-centre"
REASON = "密钥已使用满一年，按制度轮换。"  # zh: the reason of an order in the demo
ENDS = "该中心职能调整，技术经纪人证书改由认证中心统一签发。"  # zh: the same
KINDS = (CertificateKind.COURSE_COMPLETION, CertificateKind.EXAM_PASS, CertificateKind.CAPABILITY)


def load(demo: Demo) -> int:
    """Let the authority delegate the two lower levels to a provincial body once; ask for a rotation and for an end."""
    del demo
    with unit_of_work():
        if _count():
            return 0
        first, second = acting_as("issuer"), acting_as("issuer2")
        body = open_body(accounts.organisation(BODY), by=None, at=MADE_AT)
        asked = delegations.ask_delegation(
            body,
            kinds=KINDS,
            levels=("junior", "intermediate"),
            first_day=date(2025, 1, 6),
            last_day=date(2027, 12, 31),
            by=first,
            at=MADE_AT,
        )
        delegations.approve_delegation(asked, by=second, at=MADE_AT)
        key = queries.signing_key(queries.body_of(first).id, Algorithm.RSA)
        keys.ask_key_order(key, KeyAct.ROTATE, reason=REASON, by=first, at=MADE_AT)
        body_orders.ask(body, BodyAct.CLOSE, reason=ENDS, by=first, at=MADE_AT)
        return _count()


def _count() -> int:
    return session.scalar(select(func.count()).select_from(Delegation)) or 0
