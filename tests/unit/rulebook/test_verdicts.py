"""A verdict is met when every line is, survives storage, and is put into words when it is shown."""

import json

import pytest

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
