"""The shipped clocks fit their kind, say that they are samples, and differ by region as the regions do."""

from pathlib import Path

import pytest

from app.cases.rules.clocks import CaseClock, step_of
from app.cases.states import Instance
from app.rooms import ROOMS
from app.rulebook.rules import PackFile, read
from app.settings import ROOT

FOLDER = ROOT / "content" / "rules"
NATION = FOLDER / "case-clock-nation-sample.toml"
SHIPPED = [NATION, *sorted((FOLDER / "regions").glob("case-clock-*.toml"))]


def pack(path: Path) -> PackFile:
    return read(path.read_text("utf-8"))


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_shipped_pack_fits_its_kind_and_is_a_sample(path: Path) -> None:
    given = pack(path)
    clock = CaseClock.model_validate(given.params)

    assert given.tag == "sample"
    assert all(period.days >= 5 for period in clock.publicity)


def test_each_kind_of_case_has_a_clock_at_every_rung_that_hears_it() -> None:
    clock = CaseClock.model_validate(pack(NATION).params)
    rungs = [(kind.name, rung) for room in ROOMS for kind in room.case_kinds for rung in kind.ladder]

    assert [step_of(clock, *rung).kind for rung in rungs] == [name for name, _rung in rungs]


def test_objections_are_decided_in_the_days_of_each_region() -> None:
    days = {
        pack(path).region: step_of(
            CaseClock.model_validate(pack(path).params), "cases.objection", Instance.FIRST
        ).decide_in
        for path in SHIPPED
    }

    assert days == {"100000": 7, "370000": 3, "440000": 5}
