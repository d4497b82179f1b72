"""Visitors who complain without an account: a code and a secret to follow the case, a contact only if they give one.

Nobody is told who they are. The secret is made of the request itself, so that a repeated request shows the same one;
the house keeps its digest alone. A contact lies under the text key of the case.
"""

import base64
import hmac
from datetime import datetime

from sqlalchemy import select

from app.cases.models import Case, CaseVisitor
from app.cases.queries import cases as queries
from app.cases.services.leads import count_at
from app.cases.services.subjects import written
from app.cases.states import Protection
from app.core.crypto import blind_index, digest_token
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l

FOLLOW = "case.follow"
LETTERS, GROUP = 20, 4
LOOKS_ALIKE = str.maketrans("018", "OIB")


def secret_of(token: str) -> str:
    """Return the secret of the request with a token: 100 bits in five groups of four letters and digits."""
    made = base64.b32encode(blind_index(token, FOLLOW)).decode()[:LETTERS]
    return "-".join(made[place : place + GROUP] for place in range(0, LETTERS, GROUP))


def _digest(typed: str) -> bytes:
    letters = "".join(one for one in typed.upper().translate(LOOKS_ALIKE) if one.isalnum())
    return digest_token(f"{FOLLOW}:{letters}")


def let_follow(case: Case, *, contact: str) -> None:
    """Let whoever raised a case without an account follow it; a repeated request changes nothing."""
    if visitor_of(case) is not None:
        return
    reach = " ".join(contact.split())
    session.add(
        CaseVisitor(
            case_id=case.id,
            secret=_digest(secret_of(case.token)),
            contact=written(case, reach) if reach else None,
        )
    )
    session.flush()


def visitor_of(case: Case) -> CaseVisitor | None:
    """Return how a visitor follows a case, None where somebody with an account raised it, or nobody follows it."""
    return session.scalar(select(CaseVisitor).where(CaseVisitor.case_id == case.id))


def contact_of(case: Case) -> str | None:
    """Return the contact that a visitor left, None where there is none."""
    visitor = case.visitor if case.protection is Protection.ANONYMOUS else None
    return case.opened(visitor.contact) if visitor is not None and visitor.contact is not None else None


def followed(code: str, secret: str) -> Case:
    """Return the case of a code for who knows its secret; raises NotFoundError alike for a wrong code and secret."""
    query = select(Case, CaseVisitor.secret).join(CaseVisitor, CaseVisitor.case_id == Case.id)
    found = session.execute(query.where(Case.code == code.strip())).first()
    if found is None or not hmac.compare_digest(found.secret, _digest(secret)):
        raise NotFoundError(_l("Code and secret do not fit together. Check every character of both."))
    return queries.by_code(code.strip())


def forget_contact(case: Case) -> None:
    """Forget the contact of a visitor who takes it back."""
    visitor = visitor_of(case)
    if visitor is not None:
        visitor.contact = None
        session.flush()


def count_wrong(address: str, *, at: datetime) -> None:
    """Count a wrong secret by where it came from; raises TooManyError with the wait."""
    count_at(FOLLOW, address, at=at)
