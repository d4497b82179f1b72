"""Raising a case: drafts, filing, the answer to a request for materials, withdrawal, recheck and appeal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from app.cases.kinds import About, Authority, CaseKind
from app.cases.models import CASE_TYPE, Case, CaseBarred, CaseFile, CasePause
from app.cases.queries import cases as queries
from app.cases.queries import kinds, rungs
from app.cases.rules.clocks import Step, step_of
from app.cases.services import appeals, authors, relations
from app.cases.services.numbers import next_number
from app.cases.services.pauses import end_pause
from app.cases.services.relations import Relative
from app.cases.services.subjects import named, of_case, written
from app.cases.states import CASE, CaseState, Instance, Protection
from app.core import events, shredding
from app.core.access import Actor
from app.core.calendar import add_working_days, published
from app.core.clock import day_of
from app.core.columns import new_code
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.files import StoredFile
from app.core.text import _l
from app.desk import services as desk

MADE, EARLIER, SELF = "made_decision", "earlier_rung", "own_case"


@dataclass(frozen=True, slots=True)
class Filing:
    """What a person states when raising a case: the facts, exhibits with titles, the token of the request.

    `declares` and `relations` are for declarations: whether there is anything an authority must look at, and who is
    named; None leaves what was named before.
    """

    facts: str
    files: Sequence[tuple[StoredFile, str]] = ()
    token: str = field(default_factory=new_code)
    declares: bool = True
    relations: Sequence[Relative] | None = None


def open_case(kind_name: str, subject_code: str, filing: Filing, *, by: Actor | None, at: datetime) -> Case:
    """Raise a case about a record; a repeated request returns the first.

    Raises NotFoundError for an unknown kind or record, ForbiddenError for who may not raise it, InvalidError
    where the time has passed.
    """
    known = queries.by_token(filing.token)
    if known is not None:
        return known
    case = keep_draft(kind_name, subject_code, filing, by=by, at=at)
    raise_draft(case, declares=filing.declares, by=by, at=at)
    return case


def keep_draft(kind_name: str, subject_code: str, filing: Filing, *, by: Actor | None, at: datetime) -> Case:
    """Keep what was typed as a draft that only its author sees; a repeated request changes that draft."""
    kind = kinds.case_kind(kind_name)
    about = kind.about(subject_code)
    _check_may(kind, about, by)
    known = queries.by_token(filing.token)
    if known is not None:
        _change_draft(known, filing, at=at)
        return known
    return _new(kind, about, filing, by=by, at=at)


def _check_may(kind: CaseKind, about: About, by: Actor | None) -> None:
    if by is None and not (kind.anonymous or kind.visitors):
        raise ForbiddenError(_l("Sign in first, then raise the case."))
    if not kind.may_raise(by, about):
        raise ForbiddenError(_l("You may not raise this case. %(who)s", who=kind.who))


def _change_draft(case: Case, filing: Filing, *, at: datetime) -> None:
    if case.state is not CaseState.DRAFT:
        raise ConflictError(_l("This case was raised already. Its page shows where it is."))
    case.facts_kept = written(case, filing.facts)
    session.flush()
    add_files(case, filing.files, by_officer=False, at=at)
    if filing.relations is not None:
        relations.keep(case, filing.relations)


def _new(kind: CaseKind, about: About, filing: Filing, *, by: Actor | None, at: datetime) -> Case:
    nameless = kind.anonymous or by is None
    protection = Protection.ANONYMOUS if nameless else Protection.SEALED if kind.sealed else Protection.OPEN
    code = new_code()
    case = Case(
        code=code,
        token=filing.token,
        kind=kind.name,
        instance=kind.ladder[0],
        publicity_id=about.publicity_id,
        subject_type=about.subject.type,
        subject_code=about.subject.code,
        about_zh=about.name_zh,
        about_en=about.name_en,
        about_url=about.url,
        person_id=about.person_id,
        subject_organisation_id=about.organisation_id,
        region_code=about.region_code,
        facts_kept=shredding.sealed(filing.facts, CASE_TYPE, code),
        drafted_at=at,
        **_heard_by(about.authority),
    )
    _sign(case, protection, by)
    session.add(case)
    session.flush()
    if protection is Protection.SEALED and by is not None:
        authors.seal_author(case, by)
    add_files(case, filing.files, by_officer=False, at=at)
    _bar(case, dict.fromkeys(about.deciders, MADE))
    if kind.on_file:
        relations.keep(case, filing.relations or ())
    return case


def _heard_by(authority: Authority) -> dict[str, object]:
    return {
        "authority_region": authority.region_code,
        "authority_role": authority.role.value,
        "authority_organisation_id": authority.organisation_id,
    }


def _sign(case: Case, protection: Protection, by: Actor | None) -> None:
    case.protection = protection
    if protection is Protection.OPEN and by is not None:
        case.raised_by_id = by.person_id
        case.raised_organisation_id = by.organisation_id


def _bar(case: Case, people: dict[int, str]) -> None:
    session.add_all(CaseBarred(case_id=case.id, person_id=one, why=why) for one, why in sorted(people.items()))
    session.flush()


def add_files(case: Case, files: Sequence[tuple[StoredFile, str]], *, by_officer: bool, at: datetime) -> None:
    """Add exhibits; the same content is an exhibit of a case once."""
    known = {one.file_id for one in queries.files_of(case)}
    for stored, title in files:
        if stored.id not in known:
            known.add(stored.id)
            kept = written(case, title[:200])
            session.add(
                CaseFile(case_id=case.id, file_id=stored.id, title_kept=kept, by_officer=by_officer, added_at=at)
            )
    session.flush()


def raise_draft(case: Case, *, declares: bool = True, by: Actor | None, at: datetime) -> None:
    """Raise a draft: the pack of clocks in force is pinned and the first clock starts.

    Raises InvalidError where nothing is said or the time to raise it has passed.
    """
    if not case.facts.strip():
        raise InvalidError(_l("Say what happened and what you ask for."), field="facts")
    kind = kinds.case_kind(case.kind)
    if kind.on_file and not declares:
        _file(case, by=by, at=at)
        return
    _start(case, by=by, at=at)


def _file(case: Case, *, by: Actor | None, at: datetime) -> None:
    pack = kinds.pack_in_force(case.region_code, day_of(at))
    CASE.move(case, "file", raised_at=at, number=next_number(case, at), rule_pack=pack.code)
    session.flush()
    events.record("cases.filed", of_case(case), by=by, at=at, rule=pack.code)
    _declared(case, by=by, at=at)


def _declared(case: Case, *, by: Actor | None, at: datetime) -> None:
    """Tell of the people whom a declaration names, and ask for it no longer."""
    relations.tell(case, by=by, at=at)
    desk.close_todos(events.Subject(case.subject_type, case.subject_code), kind="cases.declare", at=at)


def _last_day(case: Case, step: Step, *, by: Actor | None, on: date) -> date | None:
    """Return the last day to raise a case: as the party was told of the decision before, or by clocks in force."""
    if case.previous is not None:
        return appeals.appeal_until(case.previous, by, on=on)
    since = kinds.case_kind(case.kind).about(case.subject_code).since
    if since is None or step.object_within is None:
        return None
    return add_working_days(since, step.object_within, published()).day


def _start(case: Case, *, by: Actor | None, at: datetime) -> None:
    today = day_of(at)
    pack = kinds.pack_in_force(case.region_code, today)
    step = step_of(kinds.clock_of(pack), case.kind, case.instance)
    last = _last_day(case, step, by=by, on=today)
    if last is not None and today > last:
        raise InvalidError(
            _l("The time to raise this ended on %(day)s. The competent court may still hear it.", day=last.isoformat()),
            field="facts",
        )
    due = add_working_days(today, step.accept_in, published())
    passed_up = pass_up(case, by.person_id if by else None, on=today)
    clock = {"rule_pack": pack.code, "accept_by": due.day, "provisional": due.provisional}
    CASE.move(case, "raise", raised_at=at, number=next_number(case, at), **clock)
    session.flush()
    told = by if case.protection is Protection.OPEN else None
    events.record("cases.raised", of_case(case), by=told, at=at, rule=pack.code, data={"kind": case.kind})
    if passed_up:
        events.record("cases.passed_up", of_case(case), by=None, at=at, data={"region": case.authority_region})
    wait_for_officer(case, "cases.accept", due.day, at=at)
    if kinds.case_kind(case.kind).on_file:
        _declared(case, by=told, at=at)


def pass_up(case: Case, raised_by_id: int | None, *, on: date) -> bool:
    """Bar who has had a hand in it since, and let the authority above hear a case that nobody of its own may decide.

    Whoever raised the case and whom it is about decide it as little as those who made the decision complained of.
    Returns whether the case goes up.
    """
    _bar(case, dict.fromkeys(kinds.deciders(case) - queries.barred(case).keys(), MADE))
    named, found = rungs.now_with(case), rungs.due_to_hear(case, raised_by_id, on)
    for column, value in _heard_by(found).items():
        setattr(case, column, value)
    return found != named


def wait_for_officer(case: Case, kind: str, due_on: date, *, at: datetime) -> None:
    """Let the next act on a case wait for the authority that hears it."""
    desk.open_todo(
        kind,
        of_case(case),
        url=f"/cases/{case.code}",
        at=at,
        role=case.authority_role,
        organisation_id=case.authority_organisation_id,
        region_code=case.authority_region,
        not_person_id=case.raised_by_id,
        due_on=due_on,
        params=named(case),
    )


def supply(
    case: Case,
    text: str,
    files: Sequence[tuple[StoredFile, str]],
    *,
    token: str | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Give the materials asked for; the clock runs on, as many working days later as it stood still.

    `token` is of the request that brings them: repeated, it changes nothing.
    """
    _check_own(case, by)
    if token is None or token not in {one.answer for one in queries.pauses_of(case)}:
        named_by = by if case.protection is Protection.OPEN else None
        take_materials(case, text, files, answer=token, by=named_by, at=at)


def take_materials(
    case: Case,
    text: str,
    files: Sequence[tuple[StoredFile, str]],
    *,
    answer: str | None = None,
    by: Actor | None,
    at: datetime,
) -> None:
    """Put materials into the case that waits for them; `by` is whom the event names, None for a protected author.

    Raises InvalidError where nothing is given, ConflictError where the case waits for nothing.
    """
    if not text.strip() and not files:
        raise InvalidError(_l("Write what you add, or choose a file."), field="facts")
    CASE.move(case, "resume")
    if text.strip():
        case.facts_kept = written(case, f"{case.facts}\n\n{text.strip()}")
    add_files(case, files, by_officer=False, at=at)
    end_pause(case, answer=answer, at=at)
    events.record("cases.supplied", of_case(case), by=by, at=at, data={"files": len(files)})


def _check_own(case: Case, by: Actor) -> None:
    if not authors.is_author(case, by):
        raise ForbiddenError(_l("Only whoever raised the case may do this."))


def withdraw(case: Case, *, reason: str, by: Actor, at: datetime) -> None:
    """Withdraw a case that is not decided yet; it stays on record."""
    _check_own(case, by)
    CASE.move(case, "withdraw", withdrawn_at=at)
    _close_open_pause(case, at)
    session.flush()
    told = by if case.protection is Protection.OPEN else None
    events.record("cases.withdrawn", of_case(case), by=told, at=at, reason=reason, about_person=True)
    desk.close_todos(of_case(case), at=at)


def _close_open_pause(case: Case, at: datetime) -> None:
    for pause in queries.pauses_of(case):
        _until(pause, at)


def _until(pause: CasePause, at: datetime) -> None:
    if pause.until_day is None:
        pause.until_day = max(day_of(at), pause.from_day)


def is_party(case: Case, by: Actor) -> bool:
    """Tell whether the actor raised a case, or it is about the actor or the body the actor acts for."""
    body = case.subject_organisation_id is not None and case.subject_organisation_id == by.organisation_id
    return authors.is_author(case, by) or case.person_id == by.person_id or body


def appeal(case: Case, filing: Filing, *, by: Actor, at: datetime) -> Case:
    """Take a decision to the next rung: other people of the same authority, or the authority above.

    Raises ForbiddenError for who is no party, ConflictError where there is no further rung or the decision was
    taken further already, InvalidError where the time has passed.
    """
    if not is_party(case, by):
        raise ForbiddenError(_l("Only the parties of the case may take its decision further."))
    return take_further(case, filing, by=by, at=at)


def take_further(case: Case, filing: Filing, *, by: Actor | None, at: datetime) -> Case:
    """Take a decision to the next rung for a party of it; `by` is None for who complained without an account.

    A repeated request returns the first. Raises as `appeal` does.
    """
    known = queries.by_token(filing.token)
    if known is not None and known.previous_id == case.id:
        return known
    instance = rungs.next_instance(case)
    if instance is None:
        raise ConflictError(_l("No further authority of ours hears this. The competent court may."))
    session.execute(select(Case.id).where(Case.id == case.id).with_for_update())  # of two parties at once one waits
    if queries.next_of(case) is not None:
        raise ConflictError(_l("This decision was taken further already. Its page leads to the new case."))
    higher_case = _follow(case, instance, filing, by=by, at=at)
    raise_draft(higher_case, by=by, at=at)
    return higher_case


def _follow(case: Case, instance: Instance, filing: Filing, *, by: Actor | None, at: datetime) -> Case:
    authority = rungs.above(case, instance)
    if authority is None:
        raise ConflictError(_l("No further authority of ours hears this. The competent court may."))
    code = new_code()
    follow = Case(
        code=code,
        token=filing.token,
        kind=case.kind,
        instance=instance,
        previous_id=case.id,
        publicity_id=case.publicity_id,
        subject_type=case.subject_type,
        subject_code=case.subject_code,
        about_zh=case.about_zh,
        about_en=case.about_en,
        about_url=case.about_url,
        person_id=case.person_id,
        subject_organisation_id=case.subject_organisation_id,
        region_code=case.region_code,
        facts_kept=shredding.sealed(filing.facts, CASE_TYPE, code),
        drafted_at=at,
        **_heard_by(authority),
    )
    protection = _protection_of(case, by)
    _sign(follow, protection, by)
    session.add(follow)
    session.flush()
    session.refresh(follow, ["previous"])
    if protection is Protection.SEALED and by is not None:
        authors.seal_author(follow, by)
    earlier = {one for one in (case.decided_by_id, case.accepted_by_id) if one is not None}
    _bar(follow, {**queries.barred(case), **dict.fromkeys(earlier, EARLIER)})
    add_files(follow, filing.files, by_officer=False, at=at)
    return follow


def _protection_of(case: Case, by: Actor | None) -> Protection:
    """Return how whoever takes a case further is protected: as they were, never less."""
    if by is None:
        return Protection.ANONYMOUS
    sealed = case.protection is not Protection.OPEN and authors.is_author(case, by)
    return Protection.SEALED if sealed else Protection.OPEN
