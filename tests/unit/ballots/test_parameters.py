"""The parameters of ballots: shares, how many must attend and approve, and the bounds of each."""

import pytest
from pydantic import TypeAdapter, ValidationError

from app.ballots.rules.parameters import BallotRules, Share, sentences

SHARE: TypeAdapter[str] = TypeAdapter(Share)
PACK = {
    "quorum": "2/3",
    "pass_share": "2/3",
    "proxy": False,
    "late_minutes": 0,
    "revoting": "none",
    "least_votes": 3,
    "confidence": {"quorum": "G", "pass_share": "C/G", "proxy": "A", "late": "B"},
}


@pytest.mark.parametrize("share", ["1/2", "2/3", "1/1", "1/999"])
def test_a_share_lies_above_nought_and_is_the_whole_at_most(share: str) -> None:
    assert SHARE.validate_python(share) == share


@pytest.mark.parametrize("share", ["0/3", "4/3", "1/0", "0/0", "-1/3", "1/1000", "0.5", ""])
def test_what_is_no_such_share_is_refused(share: str) -> None:
    with pytest.raises(ValidationError):
        SHARE.validate_python(share)


@pytest.mark.parametrize(("committee", "present"), [(9, 6), (10, 7), (11, 8), (12, 8), (25, 17)])
def test_the_quorum_is_rounded_up_to_whole_members(committee: int, present: int) -> None:
    assert BallotRules.model_validate(PACK).needed_present(committee) == present


@pytest.mark.parametrize(("attending", "approvals"), [(0, 1), (1, 1), (7, 5), (8, 6), (9, 6)])
def test_approvals_are_rounded_up_and_at_least_one(attending: int, approvals: int) -> None:
    assert BallotRules.model_validate(PACK).needed_approvals(attending) == approvals


@pytest.mark.parametrize(("field", "least", "most"), [("late_minutes", 0, 1440), ("least_votes", 3, 25)])
def test_late_votes_end_within_a_day_and_a_committee_can_have_the_votes_to_be_opened(
    field: str, least: int, most: int
) -> None:
    for value in (least, most):
        assert getattr(BallotRules.model_validate({**PACK, field: value}), field) == value
    for value in (least - 1, most + 1):
        with pytest.raises(ValidationError):
            BallotRules.model_validate({**PACK, field: value})


def test_each_rule_is_read_out_as_it_is_set() -> None:
    strict = " ".join(map(str, sentences(BallotRules.model_validate(PACK))))
    lenient = {**PACK, "proxy": True, "late_minutes": 30, "revoting": "last"}
    loose = " ".join(map(str, sentences(BallotRules.model_validate(lenient))))

    for said in ("Nobody votes for somebody else", "No vote is taken after", "cannot be changed"):
        assert said in strict
        assert said not in loose
    for said in ("let another voter cast", "until 30 minutes after", "the last vote counts"):
        assert said in loose
        assert said not in strict
