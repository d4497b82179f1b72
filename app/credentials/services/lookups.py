"""Answering lists of certificates from the register: the engine behind employers' checks, /verify and the API."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from app.core.columns import JsonObject
from app.credentials import verification
from app.credentials.models import Certificate
from app.credentials.queries import lookups as queries
from app.credentials.queries import phone
from app.credentials.references import Missed, reference_in
from app.credentials.rules.cose import QrFacts, qr_facts
from app.credentials.rules.inputs import is_proof, spellings
from app.credentials.rules.instants import write_instant
from app.credentials.rules.lists import ListRow
from app.credentials.rules.lookups import is_guess, name_fits, outcome_of
from app.credentials.rules.near import nearness, slips_of
from app.credentials.rules.openbadge import Holder, ShapeError, read_certificate
from app.credentials.rules.qr_check import QrTrust, verify_qr
from app.credentials.rules.verdict import Check, CheckName, Result
from app.credentials.states import RowOutcome

FREE_SLIPS = 100
"""So many rows of a block are searched for a slip of the hand: the work on a block stays bounded."""
OF_PROOF = frozenset({CheckName.FORMAT, CheckName.SHAPE, CheckName.SIGNATURE, CheckName.AUTHORITY})
"""The checks that a proof is read by; the others the register answers for every row alike."""
OF_RECORD = OF_PROOF | {CheckName.LOG}


@dataclass(frozen=True, slots=True)
class Answered:
    """One row with the register's answer; `told` never holds a name, `near` only stands where a given name fits it."""

    row: ListRow
    outcome: RowOutcome
    name_fits: bool | None = None
    near: str | None = None
    certificate: Certificate | None = None
    told: JsonObject = field(default_factory=dict)

    @property
    def is_guess(self) -> bool:
        """Tell whether the row could be a guess: nothing under its number, or another name than the given one."""
        unknown = self.outcome is RowOutcome.NOT_FOUND and self.near is None and is_guess(self.told.get("fault", ""))
        return unknown or (self.certificate is not None and self.name_fits is False)


@dataclass(frozen=True, slots=True)
class Lead:
    """What a row leads to, read as a single number, address or code is: what to look up, or why that is nothing.

    `proven` is what the proof of a QR code says, once that holds; `near` the number of the given name, where an unknown
    one is a slip away from it.
    """

    reference: str = ""
    proven: QrFacts | None = None
    fault: str = ""
    on: str = ""
    near: str | None = None


def answered(rows: Sequence[ListRow], *, at: datetime, slips: int = FREE_SLIPS) -> list[Answered]:
    """Answer every row, in order, from the register as it stands; a fixed number of statements some hundred rows.

    At most `slips` rows are searched for a slip of the hand; of the others the answer says that they were not.
    """
    leads = _leads([row for row in rows if not row.fault], at)
    by_reference = _found({lead.reference for lead in leads.values() if lead.reference})
    found = {row: by_reference.get(lead.reference) for row, lead in leads.items()}
    unknown = [row for row, lead in leads.items() if lead.reference and lead.proven is None and found[row] is None]
    leads |= _near({row: leads[row].reference for row in unknown}, slips)
    leads |= _broken({row: one for row, one in found.items() if one is not None}, leads, at)
    return [_answer(row, leads.get(row, Lead()), found.get(row), at) for row in rows]


def _leads(rows: Sequence[ListRow], at: datetime) -> dict[ListRow, Lead]:
    """Read what every row leads to; the keys that proofs are checked by are read once, where there are proofs."""
    read = {row: reference_in(row.given) for row in rows}
    leads = {row: Lead(fault=one.code) if isinstance(one, Missed) else Lead(one) for row, one in read.items()}
    proofs = {row: lead.reference for row, lead in leads.items() if is_proof(lead.reference)}
    if proofs:
        keys = QrTrust(at, phone.known_bodies(), phone.known_keys())
        leads |= {row: _proof(text, keys, at) for row, text in proofs.items()}
    return leads


def _proof(text: str, keys: QrTrust, at: datetime) -> Lead:
    """Check the proof of a QR code; what only the register knows of its certificate is asked with the others."""
    found = verify_qr(text, keys, at)
    wrong = next((one for one in found.verdict.checks if one.name in OF_PROOF and one.result is not Result.PASS), None)
    if wrong is not None or found.facts is None:
        return _faulty(wrong or found.verdict.checks[0])
    return Lead(found.facts.code, found.facts)


def _faulty(check: Check) -> Lead:
    return Lead(fault=check.code, on=check.params.get("on", ""))


def _broken(found: Mapping[ListRow, Certificate], leads: Mapping[ListRow, Lead], at: datetime) -> dict[ListRow, Lead]:
    """Verify what the register found as one certificate by itself is; return the rows of those that do not hold.

    Validity, revocation and suspension have answers of their own.
    """
    certificates = queries.with_credentials(found.values())
    wrong: dict[int, Lead] = {}
    for key, made in verification.verify_all(certificates, at=at).items():
        failed = [one for one in made.checks if one.result is Result.FAIL and one.name in OF_RECORD]
        if failed:
            wrong[key] = _faulty(failed[0])
    return {row: wrong[one.id] for row, one in found.items() if one.id in wrong and not leads[row].fault}


def _found(references: Collection[str]) -> dict[str, Certificate]:
    """Return certificates by the number or code that leads to them, in any of its spellings."""
    ways = {one: spellings(one) for one in references}
    every = {way for some in ways.values() for way in some}
    by_code = queries.by_codes(way.lower() for way in every)
    by_number = queries.by_numbers(way.upper() for way in every)
    found = {}
    for one, some in ways.items():
        known = (by_number.get(way.upper()) or by_code.get(way.lower()) for way in some)
        certificate = next(filter(None, known), None)
        if certificate is not None:
            found[one] = certificate
    return found


def _near(unknown: Mapping[ListRow, str], slips: int) -> dict[ListRow, Lead]:
    """Say how near the numbers of rows come to issued ones; which one is told only to whom it was issued by name."""
    searched = {row: slips_of(text.upper()) for row, text in islice(unknown.items(), max(slips, 0))}
    known = queries.by_numbers(number for numbers in searched.values() for number in numbers)
    found = {row: Lead(fault="not-compared") for row in unknown}
    for row, numbers in searched.items():
        near = sorted(numbers & set(known))
        fitting = [one for one in near if _fits(row, known[one])]
        fault = nearness(unknown[row].upper(), near, fits=bool(fitting))
        found[row] = Lead(near=fitting[0]) if len(fitting) == 1 else Lead(fault="" if fault == "none" else fault)
    return found


def _fits(row: ListRow, certificate: Certificate) -> bool | None:
    holder = _holder(certificate)
    return name_fits(row.name, holder.name, holder.name_latin) if holder else None


def _holder(certificate: Certificate) -> Holder | None:
    try:
        return read_certificate(certificate.document).holder
    except ShapeError:
        return None


def _answer(row: ListRow, lead: Lead, certificate: Certificate | None, at: datetime) -> Answered:
    if row.fault:
        return Answered(row, RowOutcome.UNREADABLE, told={"fault": row.fault})
    fault = lead.fault or _fault_of_proof(lead, certificate)
    if certificate is None or fault:
        told = {name: value for name, value in (("fault", fault), ("on", lead.on)) if value}
        return Answered(row, RowOutcome.NOT_FOUND, near=lead.near, told=told)
    fits = _fits(row, certificate)
    outcome = outcome_of(verification.standing(certificate, at), fits)
    return Answered(row, outcome, fits, certificate=certificate, told=told_of(certificate, outcome))


def _fault_of_proof(lead: Lead, certificate: Certificate | None) -> str:
    """Say what is wrong with a proof that holds: the register knows nothing of it, or issued something else."""
    if lead.proven is None:
        return ""
    held = verification.facts_of(certificate) if certificate else None
    if held is None:
        return "not-in-register"
    return "" if qr_facts(held) == lead.proven else "another-than-issued"


def told_of(certificate: Certificate, outcome: RowOutcome) -> JsonObject:
    """Return what an answer says of a certificate: of one whose name differs only that it is there."""
    if outcome is RowOutcome.NAME_DIFFERS:
        return {}
    told: JsonObject = {"kind": certificate.kind.value, "from": write_instant(certificate.valid_from)}
    if certificate.level:
        told["level"] = certificate.level
        told |= _level_name(certificate)
    if certificate.valid_until is not None:
        told["until"] = write_instant(certificate.valid_until)
    if certificate.revoked_at is not None and certificate.revoked_for is not None:
        told |= {"on": write_instant(certificate.revoked_at), "reason": certificate.revoked_for.value}
    if outcome is RowOutcome.SUSPENDED and certificate.suspended_at and certificate.suspended_for:
        told |= {"on": write_instant(certificate.suspended_at), "reason": certificate.suspended_for.value}
    return told


def _level_name(certificate: Certificate) -> JsonObject:
    """Return what the level of a certificate was called when it was certified, where its rule pack said so."""
    name = certificate.fields.get("level_name")
    return {"level_zh": name["zh"], "level_en": name["en"]} if name else {}


def people_on(answers: Iterable[Answered]) -> list[int]:
    """Return whose certificates were found; that of an organisation looks nobody up."""
    return [one.certificate.person_id for one in answers if one.certificate and one.certificate.person_id is not None]


def counted(answers: Iterable[Answered]) -> dict[str, int]:
    """Return how many rows have each answer, in the order in which answers are shown."""
    given = [one.outcome for one in answers]
    return {outcome.value: given.count(outcome) for outcome in RowOutcome if outcome in given}
