"""What drawn experts gave a base is a fact that an appraisal may weigh, with the panels named as its source."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.bases import services
from app.bases.facts import PANEL_SCORE
from app.bases.models import TrainingBase
from app.core.db import unit_of_work
from app.panels.models.draws import Panel
from app.panels.queries import draws, scoring
from app.panels.services import scoring as scores
from app.panels.services.draws import CaseGiven, Plan, plan_panel
from app.panels.services.scoring import Given
from app.performance import wording
from app.performance.rules import indicators
from app.performance.rules.indicators import Appraisal
from app.rulebook.facts import Fact
from app.rulebook.kinds import Binding
from app.rulebook.queries import facts_of
from tests.factories.bases import make_accredited
from tests.factories.panels import AT, Office, acting, case_of, draw, make_experts, make_office

CODES = ("facilities", "organisation", "results", "innovation")
END = datetime(2026, 12, 31, 15, tzinfo=UTC)
BINDING = Binding("appraisal-1", "sample", "测试", "Test")


@pytest.fixture
def office(app: object, at_time: Callable[[datetime], None]) -> Office:
    del app
    at_time(AT)
    office = make_office()
    make_experts(office, 4)
    return office


def scored(office: Office, base: TrainingBase, *points: str, all_of_them: bool = True) -> Panel:
    with unit_of_work():
        case = CaseGiven(services.subject(base), "基地", "Base")
        plan = Plan("现场考察组", "Inspection", len(points))
        panel = plan_panel(office.pool, plan, cases=[case], by=office.secretary.actor, at=AT)
    draw(panel, office)
    with unit_of_work():
        scores.open_round(panel, purpose=scoring.purpose_of(panel), by=office.secretary.actor, at=AT)
    seats = draws.seated(panel.id)
    for seat, value in list(zip(seats, points, strict=True))[: None if all_of_them else -1]:
        actor = acting(seat.expert).actor
        with unit_of_work():
            own = scoring.own_assignment(case_of(panel), actor)
            given = {code: Given(Decimal(value), "现场核查情况良好，依据充分。") for code in CODES}
            scores.submit(own, given, by=actor, at=AT)
    return panel


def known(bases: list[TrainingBase], at: datetime = END) -> list[Fact | None]:
    names = frozenset({PANEL_SCORE})
    found = facts_of([one.id for one in bases], names, on=at.date(), known_at=at, subject="base")
    return [found[one.id].get(PANEL_SCORE) for one in bases]


def test_the_mean_over_the_panels_of_the_year_is_known_and_names_them(office: Office) -> None:
    base, other = make_accredited(name_zh="甲基地"), make_accredited(name_zh="乙基地")
    first, second = scored(office, base, "80", "90"), scored(office, base, "70", "70")

    mine, theirs = known([base, other])

    assert mine
    assert (mine.value, mine.source) == (Decimal("77.50"), f"{first.code}, {second.code}")
    assert theirs is None


def test_scores_that_are_not_all_in_or_of_another_year_or_not_yet_known_do_not_count(office: Office) -> None:
    base = make_accredited()
    scored(office, base, "80", "90", all_of_them=False)
    assert known([base]) == [None]
    scored(office, base, "60", "60")
    assert known([base], AT.replace(month=1)) == [None], "as known before they scored"
    assert known([base], END.replace(year=2027)) == [None], "in the year after"
    assert [one.value for one in known([base]) if one] == [Decimal("60.00")]


def test_an_appraisal_weighs_it_and_its_line_names_the_panel(office: Office) -> None:
    base = make_accredited()
    panel = scored(office, base, "80", "80")
    system = Appraisal.model_validate(
        {
            "indicators": [
                {
                    "code": "experts", "name_zh": "专家评价", "name_en": "Experts", "source": "computed",
                    "fact": PANEL_SCORE, "dimension": "results", "weight": "1", "zero_at": "60", "full_at": "100",
                }
            ],
            "limits": {"excellent": "90", "good": "75", "passed": "60"},
            "full_score": "100", "rectify_days": 10, "fails_to_exit": 2,
        }
    )  # fmt: skip
    fact = known([base])[0]
    assert fact

    verdict = indicators.judge(system, {PANEL_SCORE: fact}, END.date(), BINDING)

    line = verdict.lines[0]
    assert (line.params["value"], line.params["points"]) == ("80.00", "50.00")
    assert panel.code in wording.shown_lines(verdict.to_json(), system)[0]["evidence"]
