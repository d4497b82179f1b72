"""Long work of the desk: every document made anew."""

from app.core.db import session
from app.core.jobs import Job
from app.core.room import JobKind
from app.core.text import _l
from app.desk.queries.documents import document_kinds
from app.desk.services import documents

REINDEX = "desk.reindex"
CHUNK = 200


def reindex(job: Job) -> bool:
    """Make the documents of the next records; after the last of a kind, withdraw what was not met again.

    `args` holds the kinds to do, `result` those done; `cursor` is the key of the last record.
    """
    kinds = [kind for kind in job.args["kinds"] if kind not in job.result.get("kinds", [])]
    if not kinds:
        return False
    kind = kinds[0]
    listed = document_kinds()[kind].every(job.cursor, CHUNK)
    if listed:
        documents.refresh(kind, [code for _key, code in listed])
        job.cursor = listed[-1][0]
        job.done += len(listed)
        return True
    if not documents.withdraw_older(kind, than=job.started_at, limit=CHUNK):
        job.result = {"kinds": [*job.result.get("kinds", []), kind]}
        job.cursor = 0
    session.flush()
    return True


REINDEXING = JobKind(REINDEX, _l("Make the search anew"), reindex)
