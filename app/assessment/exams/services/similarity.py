"""Writes of answer similarity: compare all pairs of a session, list them, let the expert group decide."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.assessment.exams.models import ExamSession, Registration, SimilarityOpinion, SimilarityPair, SimilarityRun
from app.assessment.exams.queries import answers, marking
from app.assessment.exams.queries import experts as expert_queries
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.queries.answers import Answer, Answers
from app.assessment.exams.rules.answered import said
from app.assessment.exams.rules.psychometrics.similarity import Index, Pairs, compare, notable
from app.assessment.exams.rules.statistics_rule import KIND, StatisticsRule
from app.assessment.exams.services import doubts, experts
from app.assessment.exams.services.conduct import Experts, record_similarity
from app.assessment.exams.services.subjects import of_comparison, of_pair
from app.assessment.exams.statistics_states import BEFORE_GROUP, SIMILARITY, PairState
from app.core import events, jobs
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event
from app.core.jobs import Job
from app.core.text import _l
from app.desk import services as desk
from app.rulebook import queries as rulebook

COMPARE = "exams.compare"
LEAST = 10
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Listed:
    """One pair to store: rows of the session, in the order of their sittings."""

    first: int
    second: int
    place: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything a comparison stores, computed beforehand."""

    found: Answers
    pairs: Pairs
    listed: tuple[Listed, ...]
    rule: StatisticsRule
    rule_pack: str


def ask(found: ExamSession, *, by: Actor | None, at: datetime, after: str = "") -> Job:
    """Queue the comparison of all pairs of a marked session.

    A repeated request of the same minute, or after the same marking, is the same request. Raises ConflictError before
    the marking and for a rehearsal.
    """
    answers.check_marked(found)
    events.record("exams.similarity_asked", of_comparison(found), by=by, at=at)
    key = f"{COMPARE}:{found.code}:{after or format(at, '%y%m%d%H%M')}"
    return jobs.start_job(COMPARE, key=key, by=by, args={"session": found.code})


def after_regrading(happened: Event) -> None:
    """Ask for the comparison again once a compared session is marked anew: what is wrong may be right now, or void."""
    run = marking.run_by_code(happened.subject_code)
    if queries.latest(run.session_id) is not None:
        ask(run.session, by=None, at=happened.at, after=f"marking-{run.number}")


def compute(code: str) -> Compared:
    """Compare all pairs of a session; raises DomainError with the reason where that cannot be done."""
    held = answers.marked_session(code)
    pack = rulebook.in_force(KIND, held.region_code, day_of(held.closes_at))
    rule = StatisticsRule.model_validate(pack.params)
    found = answers.read(held)
    if len(found.sittings) < LEAST:
        raise InvalidError(_l("A comparison needs at least %(least)d sittings that were handed in.", least=LEAST))
    pairs = compare(found.choices())
    places = notable(
        pairs, level=float(rule.similarity_level), needed=rule.similarity_needed, control=rule.similarity_control
    )
    listed = tuple(Listed(int(pairs.first[place]), int(pairs.second[place]), int(place)) for place in places)
    return Compared(found, pairs, listed, rule, pack.code)


def store(found: ExamSession, done: Compared, *, by_id: int | None, at: datetime) -> SimilarityRun | None:
    """Store a comparison once; the same answers under the same pack add nothing and return None.

    One that nobody asked for follows a new marking, on behalf of who asked last. A pair is listed once a session: one
    that is decided keeps its decision and its evidence, and so does one on which an opinion was given; others take the
    new figures. A confirmed one that does not stand out any more goes back to its expert group.
    """
    known = select(SimilarityRun.id).where(
        SimilarityRun.session_id == found.id,
        SimilarityRun.digest == done.found.digest,
        SimilarityRun.rule_pack == done.rule_pack,
    )
    if session.scalar(known) is not None:
        return None
    run = SimilarityRun(
        session_id=found.id,
        digest=done.found.digest,
        persons=len(done.found.sittings),
        pairs=len(done.pairs.first),
        listed=len(done.listed),
        level=Decimal(done.rule.similarity_level),
        needed=done.rule.similarity_needed,
        control=done.rule.similarity_control,
        experts=done.rule.experts,
        rule_pack=done.rule_pack,
        asked_by_id=by_id or _asked_last(found),
        computed_at=at,
    )
    session.add(run)
    session.flush()
    before = _known(found)
    _list(run, done, before)
    session.flush()
    returned = doubts.send_back(run, _afresh(done, before), before, at=at)
    facts = {"pairs": run.pairs, "listed": run.listed}
    events.record("exams.similarity_computed", of_comparison(found), by=None, at=at, data=facts, rule=run.rule_pack)
    if done.listed or returned:
        experts.ask(found, at=at)
    return run


def refuse(found: ExamSession, reason: str, *, at: datetime) -> None:
    """Note why a session could not be compared."""
    events.record("exams.similarity_refused", of_comparison(found), by=None, at=at, reason=reason)


def _asked_last(found: ExamSession) -> int:
    query = select(SimilarityRun.asked_by_id).where(SimilarityRun.session_id == found.id)
    return session.scalars(query.order_by(SimilarityRun.id.desc()).limit(1)).one()


def _known(found: ExamSession) -> dict[tuple[int, int], SimilarityPair]:
    """Return the pairs that were ever listed of a session by their sittings, locked against opinions meanwhile."""
    query = (
        select(SimilarityPair)
        .join(SimilarityPair.run)
        .where(SimilarityRun.session_id == found.id)
        .order_by(SimilarityPair.id)
        .with_for_update(of=SimilarityPair)
    )
    return {(one.first_id, one.second_id): one for one in session.scalars(query)}


def _list(run: SimilarityRun, done: Compared, known: dict[tuple[int, int], SimilarityPair]) -> None:
    """List each pair that was never listed; give the new figures to those on which nobody has said anything yet."""
    sittings = done.found.sittings
    said = select(SimilarityOpinion.pair_id).where(SimilarityOpinion.pair_id.in_([one.id for one in known.values()]))
    judged = set(session.scalars(said))
    for one in done.listed:
        both = sittings[one.first].attempt_id, sittings[one.second].attempt_id
        pair = known.get(both)
        if pair is None:
            pair = SimilarityPair(first_id=both[0], second_id=both[1], flagged_by_id=run.asked_by_id)
            session.add(pair)
        elif pair.state is not PairState.LISTED or pair.id in judged:
            continue
        pair.run_id = run.id
        _measure(pair, done, one)


def _afresh(done: Compared, known: Iterable[tuple[int, int]]) -> dict[tuple[int, int], doubts.Afresh]:
    """Return what a comparison finds now of pairs that were listed before, by their sittings."""
    rows = {one.attempt_id: row for row, one in enumerate(done.found.sittings)}
    places = {
        (int(one), int(two)): place
        for place, (one, two) in enumerate(zip(done.pairs.first, done.pairs.second, strict=True))
    }
    listed = {one.place for one in done.listed}
    found: dict[tuple[int, int], doubts.Afresh] = {}
    for both in known:
        place = places.get((rows.get(both[0], -1), rows.get(both[1], -1)))
        if place is not None:
            found[both] = doubts.Afresh(place in listed, _figures(done, place))
    return found


def _figures(done: Compared, place: int) -> dict[str, float]:
    pairs = done.pairs
    return {
        "matches": int(pairs.matches[place]),
        "same_wrong": int(pairs.same_wrong[place]),
        **{f"p_{index}": float(values[place]) for index, values in pairs.p.items()},
    }


def _measure(pair: SimilarityPair, done: Compared, one: Listed) -> None:
    """Write what a comparison found of a pair."""
    pairs = done.pairs
    p = {index: float(values[one.place]) for index, values in pairs.p.items()}
    pair.matches, pair.same_wrong = int(pairs.matches[one.place]), int(pairs.same_wrong[one.place])
    pair.expected = round(float(pairs.expected[one.place]), 2)
    pair.p_gbt, pair.p_omega, pair.p_k2 = p[Index.GBT], p[Index.OMEGA], p[Index.K2]
    pair.evidence = _evidence(done.found, one)


def _evidence(found: Answers, pair: Listed) -> dict[str, Any]:
    """Return the equal wrong answers of a pair, under the key in force, with the seconds between their savings."""
    first, second = found.chosen[pair.first], found.chosen[pair.second]
    places: list[dict[str, Any]] = []
    for place, right in zip(found.places, found.right, strict=True):
        one, other = first.get(place.position), second.get(place.position)
        if one and other and one.keys and one.keys == other.keys and right is not None and one.keys != right:
            places.append({"position": place.position, "keys": one.keys, "seconds": _gap(one, other)})
    places += _free_evidence(found, pair)
    places.sort(key=lambda one: int(one["position"]))
    both = sum(1 for position in first.keys() & second.keys() if first[position].keys and second[position].keys)
    within = sum(1 for one in places if one["seconds"] <= MINUTE)
    return {"answered": both, "places": places, "within": within}


def _free_evidence(found: Answers, pair: Listed) -> Iterator[dict[str, Any]]:
    """Yield the equal wrong answers of a pair in their own words or numbers, as the first of the two wrote them."""
    first, second = found.chosen[pair.first], found.chosen[pair.second]
    for at, place in enumerate(found.places if found.free else ()):
        if found.free[pair.first][at] and found.free[pair.first][at] == found.free[pair.second][at]:
            one, other = first[place.position], second[place.position]
            written = said(one.response.to_json())
            yield {"position": place.position, "keys": "", "said": written, "seconds": _gap(one, other)}


def _gap(one: Answer, other: Answer) -> int:
    return abs(round((one.saved_at - other.saved_at).total_seconds()))


def give_opinion(pair: SimilarityPair, *, similar: bool, reason: str, by: Actor, at: datetime) -> None:
    """Say as a member of the expert group what a pair is; when enough agree, the pair is decided.

    Raises ForbiddenError for who asked for the comparison or is not seated on a drawn group of this pair, ConflictError
    for a second opinion of one person or a pair that is decided.
    """
    if by.person_id == pair.flagged_by_id:
        raise ForbiddenError(_l("You asked for this comparison. Others of the expert group decide on its pairs."))
    if pair.state not in BEFORE_GROUP:
        raise ConflictError(_l("This pair is decided already. Reload to see how."))
    of_round = (SimilarityOpinion.pair_id == pair.id, SimilarityOpinion.round == pair.round)
    given = list(session.scalars(select(SimilarityOpinion).where(*of_round).order_by(SimilarityOpinion.id)))
    if any(one.given_by_id == by.person_id for one in given):
        raise ConflictError(_l("You have given your opinion on this pair already."))
    standing = expert_queries.of_one(pair, given)
    if standing is None or by.person_id not in standing.judges:
        raise ForbiddenError(_l("Only who is seated on the expert group of this pair gives an opinion on it."))
    opinion = {"similar": similar, "reason": reason, "given_by_id": by.person_id, "given_at": at}
    session.add(SimilarityOpinion(pair_id=pair.id, round=pair.round, **opinion))
    session.flush()
    events.record("exams.similarity_opinion", of_pair(pair), by=by, at=at, data={"session": pair.run.session.code})
    desk.close_todos(of_pair(pair), kind=experts.OPINION, person_id=by.person_id, at=at)
    agreeing = [one.given_by_id for one in given if one.similar is similar]
    if len(agreeing) + 1 >= pair.run.experts:
        reasons = [*(one.reason for one in given if one.similar is similar), reason]
        _decide(pair, reasons, similar=similar, seconded_by_id=agreeing[0], by=by, at=at)
    experts.ask(pair.run.session, at=at)


def _decide(
    pair: SimilarityPair, reasons: list[str], *, similar: bool, seconded_by_id: int, by: Actor, at: datetime
) -> None:
    """Confirm or dismiss a pair; a confirmed one is conduct of both, where the rule on conduct says which.

    What rests on a pair that came back is told of either.
    """
    again = pair.state is PairState.RETURNED
    move = "confirm" if similar else "dismiss"
    SIMILARITY.move(pair, move, decided_by_id=by.person_id, seconded_by_id=seconded_by_id, decided_at=at)
    session.flush()
    held = pair.run.session
    facts = {"session": held.code, "attempts": [pair.first.code, pair.second.code]}
    kind = "exams.similarity_confirmed" if similar else "exams.similarity_dismissed"
    events.record(kind, of_pair(pair), by=by, at=at, data=facts, rule=pair.run.rule_pack)
    if similar:
        signed = Experts(seconded_by_id, by, "\n\n".join(reasons))
        for attempt in (pair.first, pair.second):
            record_similarity(held, session.get_one(Registration, attempt.registration_id), signed, at=at)
    if again:
        doubts.settled(pair, similar=similar, reason="\n\n".join(reasons), by=by, at=at)
    desk.close_todos(of_pair(pair), at=at)
