"""A verdict is met when every line is, survives storage, and is put into words when it is shown."""

import json

import pytest

from app.rulebook.phrases import Phrases
from app.rulebook.verdicts import Line, Outcome, Verdict, rendered

LINE = Line("hours", Outcome.MET, {"hours": "80"}, evidence="E-1", rule="syllabus.1", source="大纲")


def verdict(*outcomes: Outcome) -> Verdict:
    return Verdict(tuple(Line("hours", outcome) for outcome in outcomes), pack="p.1", tag="sample")


@pytest.mark.parametrize(
    ("outcomes", "met"),
    [
        ((Outcome.MET, Outcome.MET), True),
        ((Outcome.MET, Outcome.NEAR), False),
        ((Outcome.NOT_MET, Outcome.MET), False),
        ((), True),
    ],
)
def test_a_verdict_is_met_when_every_line_is(outcomes: tuple[Outcome, ...], *, met: bool) -> None:
    assert verdict(*outcomes).met is met


def test_a_stored_verdict_reads_back_the_same() -> None:
    made = Verdict((LINE, Line("exam", Outcome.NEAR)), pack="award.2", tag="official")

    assert Verdict.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_line_is_shown_with_its_parameters_evidence_rule_and_source() -> None:
    (line,) = rendered(Verdict((LINE,)), {"hours": "%(hours)s class hours"})

    assert line == {
        "text": "80 class hours",
        "outcome": "met",
        "evidence": "E-1",
        "rule": "syllabus.1",
        "source": "大纲",
    }


def named(name: str, outcome: Outcome, reason: str = "hours", lines: tuple[Line, ...] = ()) -> Line:
    return Line(reason, outcome, name_zh=name, name_en=name, lines=lines)


def marks(*lines: Line) -> dict[str, tuple[str, bool]]:
    """Return how each condition inside another is marked, and whether calmly."""
    shown = Phrases({}).lines(Verdict(lines))
    return {inner["text"]: (inner["mark"], inner["calm"]) for line in shown for inner in line["lines"]}


def test_a_condition_that_excludes_is_said_to_be_the_case_or_not() -> None:
    held = named("retired", Outcome.MET)
    free = named("official", Outcome.NOT_MET)
    doubt = named("barred", Outcome.UNKNOWN)

    assert marks(named("excluded", Outcome.NOT_MET, "criteria.exclusion", (held, free, doubt))) == {
        "retired": ("present", False),
        "official": ("absent", False),
        "barred": ("unknown", False),
    }


@pytest.mark.parametrize(("outcome", "calm"), [(Outcome.MET, True), (Outcome.NOT_MET, False)])
def test_an_alternative_to_what_is_met_is_held_against_nobody(outcome: Outcome, *, calm: bool) -> None:
    doctor = named("doctor", Outcome.NOT_MET)
    master = named("master", outcome)

    assert marks(named("degree", outcome, "criteria.any", (doctor, master))) == {
        "doctor": ("not", calm),
        "master": (outcome.value, False),
    }
