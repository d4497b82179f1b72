"""Visitors who complain without an account: a code and a secret to follow the case, a contact only if they give one.

Nobody is told who they are. The secret is made of the request itself, so that a repeated request shows the same one;
the house keeps its digest alone. A contact lies under the text key of the case. With code and secret they also supply
what they are asked for and appeal once; the appeal opens with the same secret under a code of its own.
"""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select

from app.cases.models import Case, CaseVisitor
from app.cases.queries import cases as queries
from app.cases.services.cases import Filing, take_further, take_materials
from app.cases.services.leads import count_at
from app.cases.services.subjects import written
from app.cases.states import Protection
from app.core.crypto import blind_index, digest_token
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.files import StoredFile
from app.core.text import _l

FOLLOW = "case.follow"
LETTERS, GROUP = 20, 4
LOOKS_ALIKE = str.maketrans("018", "OIB")


class Pass(NamedTuple):
    """What a visitor shows at every act: the code of the case, and the secret as they typed it."""

    code: str
    secret: str


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
    """Return the case of a code, or of a number, for who knows its secret.

    Raises NotFoundError alike for a wrong code and a wrong secret.
    """
    query = select(Case, CaseVisitor.secret).join(CaseVisitor, CaseVisitor.case_id == Case.id)
    found = session.execute(query.where(or_(Case.code == code.strip(), Case.number == code.strip().upper()))).first()
    if found is None or not hmac.compare_digest(found.secret, _digest(secret)):
        raise NotFoundError(_l("Code and secret do not fit together. Check every character of both."))
    return queries.by_code(found.Case.code)


def forget_contact(case: Case) -> None:
    """Forget the contact of a visitor who takes it back, in the case and in its appeal or the case appealed from."""
    visitor = visitor_of(case)
    if visitor is None:
        return
    chain = select(Case.id).where(or_(Case.id == case.previous_id, Case.previous_id == case.id))
    query = select(CaseVisitor).where(CaseVisitor.case_id.in_(chain), CaseVisitor.secret == visitor.secret)
    for one in (visitor, *session.scalars(query)):
        one.contact = None
    session.flush()


def supply_followed(
    known: Pass, text: str, files: Sequence[tuple[StoredFile, str]], *, token: str, at: datetime
) -> Case:
    """Supply what the visitor was asked for; a repeated request changes nothing.

    Raises NotFoundError for a wrong code or secret, InvalidError where nothing is given, ConflictError where the case
    waits for nothing any more.
    """
    case = followed(*known)
    if token not in {one.answer for one in queries.pauses_of(case)}:
        take_materials(case, text, files, answer=token, by=None, at=at)
    return case


def appeal_followed(known: Pass, filing: Filing, *, at: datetime) -> Case:
    """Take the decision on a visitor's complaint to the authority above; a repeated request returns the first.

    Raises NotFoundError for a wrong code or secret, and as an appeal of a signed-in party does.
    """
    case = followed(*known)
    made, visitor = take_further(case, filing, by=None, at=at), visitor_of(case)
    if visitor is not None and visitor_of(made) is None:
        contact = contact_of(case)
        kept = written(made, contact) if contact is not None else None
        session.add(CaseVisitor(case_id=made.id, secret=visitor.secret, contact=kept))
        session.flush()
    return made


def is_own(appeal: Case) -> bool:
    """Tell whether an appeal against the decision on a visitor's complaint is the visitor's, not another party's."""
    return appeal.protection is Protection.ANONYMOUS


def count_wrong(address: str, *, at: datetime) -> None:
    """Count a wrong secret by where it came from; raises TooManyError with the wait."""
    count_at(FOLLOW, address, at=at)
