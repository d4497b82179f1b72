"""The whole re-check of the public log: the tree from its entries, and the entries against the certificates."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Person
from app.core import audit as checking
from app.core.audit import Check, check_of
from app.core.db import session
from app.core.events import Event
from app.credentials.models import ERASED, PUBLIC_LOG, Certificate, IssuingBody, LogEntry, SigningKey
from app.credentials.rules.tlog import KeyLeaf, TlogError, digest_of, key_leaf_bytes, read_key_leaf, read_leaf
from app.credentials.states import NEW_BYTES, OF_KEYS, CertificateState, LogAct

ROWS_AT_ONCE = 1000
PREFIX = "certificates."
OF_THE_MACHINE = "triggers"
CHANGES = {
    "credentials.suspended": LogAct.SUSPEND,
    "credentials.reinstated": LogAct.REINSTATE,
    "credentials.revoked": LogAct.REVOKE,
    "credentials.resigned": LogAct.RESIGN,
}
"""Which recorded event has which leaf."""


def audit(earlier: str | None = None) -> list[Check]:
    """Recompute the public log and hold it against the certificates; `earlier` is a checkpoint kept elsewhere.

    Reads every entry and every certificate once, some at a time. The triggers are checked with the log of events.
    """
    tree = [one for one in checking.audit(earlier, of=PUBLIC_LOG) if one.name != OF_THE_MACHINE]
    checks = [
        *tree,
        check_of("issued", list(_wrongly_issued())),
        check_of("changed", list(_wrongly_changed())),
        check_of("keys", list(_wrongly_kept_keys())),
    ]
    return [replace(one, name=PREFIX + one.name) for one in checks]


def _wrongly_issued() -> Iterator[str]:
    """Tell every certificate that is not what its leaf says, has none, or is gone without an erasure."""
    entry = aliased(LogEntry)
    current = select(func.max(entry.id)).where(entry.certificate_id == Certificate.id, entry.act.in_(NEW_BYTES))
    issue = LogEntry.id == current.correlate(Certificate).scalar_subquery()
    query = (
        select(
            Certificate.code,
            Certificate.credential,
            Certificate.published_at,
            IssuingBody.did,
            Person.erased_at,
            LogEntry.data,
        )
        .join(IssuingBody, IssuingBody.id == Certificate.body_id)
        .outerjoin(Person, Person.id == Certificate.person_id)
        .outerjoin(LogEntry, issue)
        .where(Certificate.credential.is_not(None))
        .order_by(Certificate.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for row in session.execute(query):
        fault = _fault_of(row)
        if fault:
            yield fault


def _fault_of(row: Row[*tuple[Any, ...]]) -> str | None:
    if row.credential == ERASED:
        return None if row.erased_at else f"the credential of certificate {row.code} is gone, and nobody erased it"
    if row.data is None:
        return f"certificate {row.code} was published without a leaf" if row.published_at else None
    try:
        leaf = read_leaf(row.data.encode())
    except TlogError:
        return f"the leaf of certificate {row.code} cannot be read"
    if leaf.credential != digest_of(row.credential.encode()):
        return f"certificate {row.code} is not what was logged"
    return None if leaf.issuer == row.did else f"certificate {row.code} was logged for another issuer"


def _wrongly_changed() -> Iterator[str]:
    """Tell every suspension, reinstatement or revocation that was recorded or logged, but not both."""
    logged, recorded = _logged(), _recorded()
    for code, act in sorted(logged.keys() | recorded.keys()):
        if logged[code, act] < recorded[code, act]:
            yield f"the {act} of certificate {code} has no leaf"
        elif logged[code, act] > recorded[code, act]:
            yield f"a leaf tells the {act} of certificate {code}, which was never recorded"
    revoked = {code for code, act in logged if act is LogAct.REVOKE}
    standing = select(Certificate.code).where(Certificate.state == CertificateState.REVOKED)
    for code in sorted(revoked ^ set(session.scalars(standing))):
        yield f"certificate {code} and the log differ about its revocation"


def _wrongly_kept_keys() -> Iterator[str]:
    """Tell every key whose retirement or compromise the log does not tell as it is on record, or tells for nothing."""
    told = select(LogEntry.key_id, LogEntry.act, LogEntry.data).where(LogEntry.key_id.is_not(None))
    leaves = {(key_id, act): data.encode() for key_id, act, data in session.execute(told)}
    keys = select(SigningKey, IssuingBody.did).join(IssuingBody, IssuingBody.id == SigningKey.body_id)
    for key, issuer in session.execute(keys.order_by(SigningKey.id)):
        for act, since in ((LogAct.RETIRE_KEY, key.retired_at), (LogAct.REVOKE_KEY, key.revoked_at)):
            data = leaves.get((key.id, act))
            if data is None and since is not None:
                yield f"the {act} of key {key.key_id} has no leaf"
            elif data is not None and not _says(data, key, issuer, act):
                yield f"the leaf of the {act} of key {key.key_id} says otherwise than the register"


def _says(data: bytes, key: SigningKey, issuer: str, act: LogAct) -> bool:
    """Tell whether a leaf says of a key what is on record; when a compromise was noted the leaf alone knows."""
    try:
        leaf = read_key_leaf(data)
    except TlogError:
        return False
    at = leaf.at if act is LogAct.REVOKE_KEY else key.retired_at
    since = key.revoked_at if act is LogAct.REVOKE_KEY else None
    if at is None or (act is LogAct.REVOKE_KEY and since is None):
        return False
    return key_leaf_bytes(KeyLeaf(act, key.key_id, issuer, at, since)) == data


def _logged() -> Counter[tuple[str, LogAct]]:
    query = (
        select(Certificate.code, LogEntry.act, func.count())
        .join(Certificate, Certificate.id == LogEntry.certificate_id)
        .where(LogEntry.act.not_in({LogAct.ISSUE, *OF_KEYS}))
        .group_by(Certificate.code, LogEntry.act)
    )
    return Counter({(code, act): count for code, act, count in session.execute(query)})


def _recorded() -> Counter[tuple[str, LogAct]]:
    query = (
        select(Event.subject_code, Event.kind, func.count())
        .where(Event.kind.in_(CHANGES), Event.subject_type == "certificate")
        .group_by(Event.subject_code, Event.kind)
    )
    return Counter({(code, CHANGES[kind]): count for code, kind, count in session.execute(query)})
