"""What becomes of cases where two records of one human being are joined."""

from sqlalchemy import insert, select

from app.accounts.models import Person
from app.accounts.services.merging import sealed_anew
from app.cases.access import AUTHOR
from app.cases.models import CaseAuthor, CaseBarred
from app.cases.queries.relations import IMPARTIALITY
from app.cases.services.authors import LOCATOR, NAME
from app.core import clock
from app.core.crypto import blind_index, blind_indexes, seal, unwrap_key
from app.core.db import session
from app.core.events import Subject
from app.desk import services as desk


def move_authors(kept_id: int, gone_id: int) -> None:
    """Seal who raised protected cases anew, so that the author still finds them and the officer still reads them."""
    kept, gone = session.get_one(Person, kept_id), session.get_one(Person, gone_id)
    query = select(CaseAuthor).where(CaseAuthor.author_index.in_(blind_indexes(gone.code, AUTHOR)))
    for author in session.scalars(query):
        named = sealed_anew(author.name_sealed, NAME, kept_id=kept_id, gone_id=gone_id)
        if named is None:
            continue
        author.name_sealed = named
        author.locator_sealed = seal(unwrap_key(author.case_key), str(kept_id), LOCATOR)
        author.author_index = blind_index(kept.code, AUTHOR)


def carry_barred(kept_id: int, gone_id: int) -> None:
    """Bar the record that stays from every case that the other may not decide: the old entries are never changed."""
    known = select(CaseBarred.case_id).where(CaseBarred.person_id == kept_id)
    query = select(CaseBarred.case_id, CaseBarred.why).where(
        CaseBarred.person_id == gone_id, CaseBarred.case_id.not_in(known)
    )
    rows = [{"case_id": case_id, "person_id": kept_id, "why": why} for case_id, why in session.execute(query)]
    if rows:
        session.execute(insert(CaseBarred), rows)


def end_declarations(kept_id: int, gone_id: int) -> None:
    """Ask no longer for a declaration under the code of the record that goes: the one that stays declares for both."""
    del kept_id
    code = session.get_one(Person, gone_id).code
    year = clock.today().year
    for one in (year - 1, year):
        desk.close_todos(Subject(IMPARTIALITY, f"{code}-{one}"), kind="cases.declare", at=clock.now())


MERGES = {
    "case_author.person_id": move_authors,
    "case_barred.person_id": carry_barred,
    "case_record.subject_code": end_declarations,
}
