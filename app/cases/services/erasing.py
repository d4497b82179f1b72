"""What an erasure does to cases: what was written goes with the key of each, exhibits and made files off the disk.

What stays is what an authority did: the decision, its day, the rule, every hash.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from app.accounts.models import Person
from app.accounts.services.merging import ids_of
from app.cases.access import AUTHOR
from app.cases.models import CASE_TYPE, RESTRICTION_TYPE, Case, CaseAuthor, CaseFile, Delivery, Notice, Restriction
from app.cases.queries import cases as queries
from app.cases.services import older
from app.cases.services.dossiers import JOB
from app.cases.services.subjects import of_case
from app.core import events, files
from app.core.crypto import blind_indexes
from app.core.db import session
from app.core.events import Event
from app.core.files import StoredFile
from app.core.jobs import Job
from app.core.shredding import MARK, TextKey, destroy

ERASED = "-"
ERASED_EVENT = "cases.texts_erased"


def raised_by_person(person_id: int) -> ColumnElement[bool]:
    """Return the condition that a person raised a case, openly or protected, under any code they ever had."""
    codes = session.scalars(select(Person.code).where(or_(Person.id == person_id, Person.merged_into_id == person_id)))
    indexes = [index for code in codes for index in blind_indexes(code, AUTHOR)]
    protected = select(CaseAuthor.case_id).where(CaseAuthor.author_index.in_(indexes))
    return or_(Case.raised_by_id == person_id, Case.id.in_(protected))


def erase_texts(person_id: int, *, at: datetime) -> None:
    """Make unreadable what was written in the cases that a person raised or that are about them, and in restrictions.

    Nothing holds them any more: the erasure asked for every hold before. Texts kept before keys were are blanked;
    titles and recipients of that time are put under the key first.
    """
    party = or_(Case.person_id == person_id, raised_by_person(person_id))
    codes = list(session.scalars(select(Case.code).where(party).order_by(Case.id)))
    while older.seal_some(among=codes):
        pass
    destroy(CASE_TYPE, select(Case.code).where(Case.code.in_(codes)), at=at)
    plain = Case.code.in_(codes), ~Case.facts_kept.startswith(MARK)
    session.execute(update(Case).where(*plain).values(facts_kept=ERASED).execution_options(synchronize_session=False))
    restricted = select(Restriction.code).where(Restriction.person_id.in_(ids_of(person_id)))
    destroy(RESTRICTION_TYPE, restricted, at=at)
    for code in codes:
        events.record(ERASED_EVENT, of_case(queries.by_code(code)), by=None, at=at)


def destroy_contents(event: Event) -> None:
    """Take the exhibits and receipts of an erased case and the files made of it off the disk, unless still needed."""
    case = queries.by_code(event.subject_code)
    receipts = select(StoredFile).join(Delivery, Delivery.receipt_file_id == StoredFile.id)
    of_case_ = receipts.join(Notice, Notice.id == Delivery.notice_id).where(Notice.case_id == case.id)
    for stored in (*(one.file for one in queries.files_of(case)), *session.scalars(of_case_)):
        files.destroy(stored, known=_in_erased_cases(stored.id))
    made = select(Job).where(Job.kind == JOB, Job.key.startswith(f"{JOB}:{case.code}:", autoescape=True))
    digests = {str(job.result["sha256"]) for job in session.scalars(made) if "sha256" in job.result}
    for stored in session.scalars(select(StoredFile).where(StoredFile.sha256.in_(digests))):
        files.destroy(stored)


def _in_erased_cases(file_id: int) -> int:
    """Count how often a content is an exhibit, or a receipt, in cases with erased texts."""
    key = (TextKey.subject_type == CASE_TYPE) & (TextKey.subject_code == Case.code) & TextKey.destroyed_at.is_not(None)
    shown = select(CaseFile.id).join(Case, Case.id == CaseFile.case_id).join(TextKey, key)
    notices = select(Delivery.id).join(Notice, Notice.id == Delivery.notice_id)
    proved = notices.join(Case, Case.id == Notice.case_id).join(TextKey, key)
    found = (shown.where(CaseFile.file_id == file_id), proved.where(Delivery.receipt_file_id == file_id))
    return sum(len(session.scalars(query).all()) for query in found)
