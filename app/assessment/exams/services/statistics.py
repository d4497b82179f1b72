"""Writes of statistics: ask for them, compute under no lock, store once; flagged items go back to review."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import isnan

from sqlalchemy import select

from app.assessment.exams.models import (
    ExamSession,
    ItemCalibration,
    ItemDif,
    ItemStatistic,
    PersonFit,
    StatisticsRun,
)
from app.assessment.exams.queries import answers, marking
from app.assessment.exams.queries.answers import Answers
from app.assessment.exams.queries.groups import groups
from app.assessment.exams.rules import itemreport
from app.assessment.exams.rules.distribution import BINS
from app.assessment.exams.rules.itemreport import Compared, Judged, Keyed
from app.assessment.exams.rules.psychometrics.analysis import Analysis, analyse, number
from app.assessment.exams.rules.psychometrics.responses import Responses
from app.assessment.exams.rules.statistics_rule import KIND, StatisticsRule
from app.assessment.exams.services import flagged
from app.assessment.exams.services.subjects import of_statistics
from app.assessment.exams.statistics_states import Model
from app.core import events, jobs
from app.core.access import Actor
from app.core.arrays import np
from app.core.clock import day_of
from app.core.db import session
from app.core.events import Event
from app.core.jobs import Job
from app.rulebook import queries as rulebook

COMPUTE = "exams.statistics"
SHOWN_PERSONS = 200
MINUTE = "%y%m%d%H%M"


@dataclass(frozen=True, slots=True)
class Computed:
    """Everything a run stores, computed beforehand."""

    found: Answers
    analysis: Analysis
    items: tuple[Judged, ...]
    groups: tuple[Compared, ...]
    rule: StatisticsRule
    rule_pack: str


def ask(found: ExamSession, model: Model | None, *, by: Actor | None, at: datetime, after: str = "") -> Job:
    """Queue the statistics of a marked session; without a model the rule pack chooses by the number of sittings.

    A repeated request of the same minute, or after the same marking, is the same request. Raises
    ConflictError before the marking and for a rehearsal.
    """
    answers.check_marked(found)
    chosen = model.value if model else "auto"
    key = f"{COMPUTE}:{found.code}:{chosen}:{after or format(at, MINUTE)}"
    events.record("exams.statistics_asked", of_statistics(found), by=by, at=at, data={"model": chosen})
    return jobs.start_job(COMPUTE, key=key, by=by, args={"session": found.code, "model": chosen})


def after_marking(happened: Event) -> None:
    """Ask for the statistics of a session that was marked, in the transaction of its marking; a rehearsal has none."""
    found = session.scalars(select(ExamSession).where(ExamSession.code == happened.subject_code)).one()
    if found.rehearsal:
        return
    ask(found, None, by=None, at=happened.at)


def after_regrading(happened: Event) -> None:
    """Ask for statistics again once a session is marked anew, under every model that there are some of already.

    What was computed under the earlier key stays as it was; its page says so.
    """
    run = marking.run_by_code(happened.subject_code)
    if run.session.rehearsal:
        return
    query = select(StatisticsRun.model).where(StatisticsRun.session_id == run.session_id).distinct()
    models: list[Model | None] = [*sorted(session.scalars(query))]
    for model in models or [None]:
        ask(run.session, model, by=None, at=happened.at, after=f"marking-{run.number}")


def compute(code: str, chosen: str) -> Computed:
    """Compute the statistics of a session; raises DomainError with the reason why there are none."""
    held = answers.marked_session(code)
    pack = rulebook.in_force(KIND, held.region_code, day_of(held.closes_at))
    rule = StatisticsRule.model_validate(pack.params)
    found = answers.read(held)
    data = found.responses()
    model = rule.model_for(data.persons) if chosen == "auto" else Model(chosen)
    compared = tuple(_compared(found, data, rule))
    analysis = analyse(data, model)
    return Computed(found, analysis, tuple(_items(found, analysis, compared, rule)), compared, rule, pack.code)


def _compared(found: Answers, data: Responses, rule: StatisticsRule) -> Iterator[Compared]:
    for grouping, labels in groups(found.sittings).items():
        yield from itemreport.compared(data, grouping, labels, rule.least_group)


def _items(
    found: Answers, analysis: Analysis, compared: tuple[Compared, ...], rule: StatisticsRule
) -> Iterator[Judged]:
    favoured = itemreport.strongly_favoured(compared)
    columns = list(zip(*found.texts, strict=True))
    for item, place in enumerate(found.places):
        keyed = Keyed(tuple(str(one["key"]) for one in place.version.options), found.keys[item])
        table = itemreport.options(analysis.data, item, columns[item], keyed)
        said = itemreport.flags(analysis.classical, item, table, rule, dif=item in favoured)
        yield Judged(table, said if analysis.data.persons >= rule.least_persons else [])


def store(found: ExamSession, done: Computed, *, by_id: int | None, at: datetime) -> StatisticsRun | None:
    """Store a computation once: the same key, answers and model again add nothing and return None."""
    digest, model = done.found.digest, done.analysis.model
    known = select(StatisticsRun.id).where(
        StatisticsRun.session_id == found.id, StatisticsRun.digest == digest, StatisticsRun.model == model
    )
    if session.scalar(known) is not None:
        return None
    run = _run(found, done, by_id, at)
    session.add(run)
    session.flush()
    session.add_all([*_statistics(run, done), *_calibrations(run, done), *_dif(run, done), *_persons(run, done)])
    session.flush()
    listed = {place.position: one.flags for place, one in zip(done.found.places, done.items, strict=True) if one.flags}
    opened = flagged.open_flags(found, run, listed, at=at)
    facts = {"model": model.value, "persons": run.persons, "items": run.items, "flagged": opened}
    events.record("exams.statistics_computed", of_statistics(found), by=None, at=at, data=facts, rule=run.rule_pack)
    return run


def refuse(found: ExamSession, reason: str, *, at: datetime) -> None:
    """Note why a session has no statistics."""
    events.record("exams.statistics_refused", of_statistics(found), by=None, at=at, reason=reason)


def _run(found: ExamSession, done: Computed, by_id: int | None, at: datetime) -> StatisticsRun:
    analysis, said = done.analysis, done.analysis.classical
    calibrated = analysis.calibrated
    return StatisticsRun(
        session_id=found.id,
        key_hash=done.found.key_hash,
        digest=done.found.digest,
        model=analysis.model,
        persons=analysis.data.persons,
        items=len(analysis.data.items),
        alpha=number(said.alpha),
        mean=number(said.mean),
        sd=number(said.sd),
        sem=number(said.sem),
        log_likelihood=None if calibrated is None else number(calibrated.fit.log_likelihood),
        summary={
            "bins": _bins(done),
            "complete": said.complete,
            "left_out": 0 if calibrated is None else int(calibrated.fit.left_out.sum()),
            "unbounded": 0 if calibrated is None else int(np.isnan(calibrated.abilities.ml).sum()),
            "converged": calibrated is None or calibrated.fit.converged,
        },
        rule_pack=done.rule_pack,
        asked_by_id=by_id,
        computed_at=at,
    )


def _bins(done: Computed) -> list[list[float]]:
    data = done.analysis.data
    best = float(data.points.sum())
    counts, edges = np.histogram(np.nan_to_num(data.scores) @ data.points, bins=BINS, range=(0, best))
    return [[round(float(edges[n]), 2), round(float(edges[n + 1]), 2), int(counts[n])] for n in range(BINS)]


def _statistics(run: StatisticsRun, done: Computed) -> Iterator[ItemStatistic]:
    said = done.analysis.classical
    for item, (place, one) in enumerate(zip(done.found.places, done.items, strict=True)):
        yield ItemStatistic(
            run_id=run.id,
            position=place.position,
            item_version_id=place.version.id,
            facility=number(said.facility[item]),
            discrimination=number(said.discrimination[item]),
            point_biserial=number(said.point_biserial[item]),
            point_biserial_rest=number(said.point_biserial_rest[item]),
            alpha_if_deleted=number(said.alpha_if_deleted[item]),
            options=one.options,
            flags=one.flags,
        )


def _calibrations(run: StatisticsRun, done: Computed) -> Iterator[ItemCalibration]:
    """Yield the parameters of every item that has them; one without a difficulty has none."""
    calibrated = done.analysis.calibrated
    if calibrated is None:
        return
    fit, fits, b = calibrated.fit, calibrated.fitness, calibrated.fit.items.b
    for item, place in enumerate(done.found.places):
        if isnan(b[item]):
            continue
        yield ItemCalibration(
            run_id=run.id,
            item_version_id=place.version.id,
            model=fit.model,
            persons=run.persons,
            a=float(fit.items.a[item]),
            b=float(b[item]),
            c=float(fit.items.c[item]),
            se_a=number(fit.se_a[item]),
            se_b=number(fit.se_b[item]),
            se_c=number(fit.se_c[item]),
            outfit=number(fits.item_outfit[item]),
            infit=number(fits.item_infit[item]),
        )


def _dif(run: StatisticsRun, done: Computed) -> Iterator[ItemDif]:
    for group in done.groups:
        for one in group.items:
            yield ItemDif(
                run_id=run.id,
                position=done.found.places[one.item].position,
                grouping=group.grouping,
                focal=group.focal,
                reference=group.reference,
                focal_persons=group.focal_persons,
                reference_persons=group.reference_persons,
                delta=float(one.delta),
                error=float(one.error),
                chi_square=float(one.chi_square),
                p=float(one.p),
                dif_class=one.dif_class,
            )


def _persons(run: StatisticsRun, done: Computed) -> Iterator[PersonFit]:
    """Yield the sittings that fit worst, at most 200 of those at or below the pack's limit."""
    calibrated = done.analysis.calibrated
    if calibrated is None:
        return
    lz = calibrated.fitness.lz
    worst = [int(one) for one in np.argsort(lz) if lz[one] <= float(done.rule.person_fit)]
    for person in worst[:SHOWN_PERSONS]:
        yield PersonFit(
            run_id=run.id,
            attempt_id=done.found.sittings[person].attempt_id,
            ability=float(calibrated.abilities.eap[person]),
            error=float(calibrated.abilities.eap_se[person]),
            lz=float(lz[person]),
            outfit=number(calibrated.fitness.person_outfit[person]),
            infit=number(calibrated.fitness.person_infit[person]),
        )
