"""A whole exam day, scaled down: workers are killed with SIGKILL meanwhile, and no acknowledged answer is lost."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from app.core.db import db, session
from bench.day import Acknowledged, Day, History, Plan, check, stored
from bench.exams import plant_a_loss
from bench.hall import AT_ONCE, Hall, serve
from scripts.processes import WEB, free_port

SEED = 20260302
CANDIDATES = 40


def test_the_checker_finds_an_answer_that_is_missing_or_another_and_a_submit_that_is_missing() -> None:
    one, other = Acknowledged("a", 1, 1, "A"), Acknowledged("a", 2, 1, "B")
    history = History(acknowledged=[one, other], submitted={"a"})

    assert len(check(history, {("a", 1, 1): "A", ("a", 2, 1): "B"}, ["a"])) == 0
    assert check(history, {("a", 1, 1): "A"}, ["a"]).answers == [other]
    assert check(history, {("a", 1, 1): "B", ("a", 2, 1): "B"}, ["a"]).answers == [one]
    assert check(history, {("a", 1, 1): "A", ("a", 2, 1): "B"}, []).submits == ["a"]


@pytest.mark.one_database
def test_no_acknowledged_answer_is_lost_while_workers_are_killed(app: Flask, tmp_path: Path) -> None:
    """Given a day of forty candidates, when two workers are killed, then every acknowledged answer is there."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the day is held on SQLite")
    template = Path(str(db.engine.url.database)).with_suffix(".template")
    del app
    shutil.copy(template, tmp_path / "day.db")
    hall = Hall(tmp_path, f"sqlite:///{tmp_path}/day.db")
    with hall.application().app_context():
        candidates = hall.fill(CANDIDATES)
        session.remove()
        db.engine.dispose()
        plan = Plan(before=1.5, rush=1.5, saves=5, think=0.5, kills=2, seed=SEED, lines=16)
        with serve(WEB, hall.environment, free_port(), "/healthz", *AT_ONCE) as server:
            history = Day(hall, server, plan).run(candidates)

        assert history.killed == 2, f"seed {SEED}"
        assert len(history.acknowledged) == CANDIDATES * plan.saves
        assert len(history.submitted) == CANDIDATES
        assert len(check(history, *stored())) == 0, f"seed {SEED}"
        code = history.acknowledged[0].code
        planted = plant_a_loss(code)
        missing = check(history, *stored())
        assert planted == len(missing.answers) == plan.saves
        assert {one.code for one in missing.answers} == {code}
        session.remove()
        db.engine.dispose()
