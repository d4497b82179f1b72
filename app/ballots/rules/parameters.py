"""The parameters of the rule kind `ballot_rules`: quorum, share to pass, proxies, late votes; and how they read."""

from fractions import Fraction
from math import ceil
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.core.errors import Text
from app.core.text import _l
from app.rulebook.kinds import Label


def _is_share(text: str) -> str:
    above, below = (int(part) for part in text.split("/"))
    if below == 0 or not 0 < Fraction(above, below) <= 1:
        raise ValueError(_l("is not a share above 0 and at most 1, such as 2/3"))
    return text


LEAST_VOTES = 3
"""No pack may open fewer: the count of one vote is the vote, and of two each voter knows the other's."""
Share = Annotated[str, Field(pattern=r"^[0-9]{1,3}/[0-9]{1,3}$"), AfterValidator(_is_share)]
Confidence = Annotated[str, Field(pattern=r"^[ABCG](/[ABCG])?$")]


REVOTING = {"none": _l("each voter votes once"), "last": _l("the last vote counts")}


class Tags(BaseModel):
    """How sure the source of each value is: A law, B press or repost, C weak, G general knowledge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quorum: Annotated[Confidence, Label(_l("How sure: quorum"))]
    pass_share: Annotated[Confidence, Label(_l("How sure: share to pass"))]
    proxy: Annotated[Confidence, Label(_l("How sure: votes for others"))]
    late: Annotated[Confidence, Label(_l("How sure: late votes"))]


class BallotRules(BaseModel):
    """The parameters of a pack of kind `ballot_rules`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quorum: Annotated[Share, Label(_l("Share of the committee that attends"), _l("Such as 2/3."))]
    """Share of the committee that must attend."""
    pass_share: Annotated[Share, Label(_l("Share of those attending that approves"), _l("Such as 2/3."))]
    """Share of those attending that must approve."""
    proxy: Annotated[bool, Label(_l("A voter may let another cast for them"))]
    late_minutes: Annotated[int, Label(_l("Votes are taken later for"), _l("0 where none is."), unit=_l("minutes"))] = (
        Field(ge=0, le=1440)
    )
    revoting: Annotated[Literal["none", "last"], Label(_l("Voting again"), words=REVOTING)]
    least_votes: Annotated[int, Label(_l("Fewest votes of a question that are opened"))] = Field(ge=LEAST_VOTES, le=25)
    """Fewer votes on a question are not opened: the count would say who voted how."""
    confidence: Annotated[Tags, Label(_l("How sure each value is"))]

    def needed_present(self, committee: int) -> int:
        """Return how many members must attend."""
        return ceil(Fraction(self.quorum) * committee)

    def needed_approvals(self, attending: int) -> int:
        """Return how many must approve; at least one."""
        return max(ceil(Fraction(self.pass_share) * attending), 1)


def sentences(rule: BallotRules) -> list[Text]:
    """Say the parameters in plain sentences."""
    tags = rule.confidence
    return [
        _l("At least %(share)s of the committee attend (confidence %(tag)s).", share=rule.quorum, tag=tags.quorum),
        _l(
            "A question passes when at least %(share)s of those attending approve (confidence %(tag)s).",
            share=rule.pass_share,
            tag=tags.pass_share,
        ),
        _l("A voter may let another voter cast for them (confidence %(tag)s).", tag=tags.proxy)
        if rule.proxy
        else _l("Nobody votes for somebody else (confidence %(tag)s).", tag=tags.proxy),
        _l(
            "Votes are taken until %(minutes)d minutes after the announced end (confidence %(tag)s).",
            minutes=rule.late_minutes,
            tag=tags.late,
        )
        if rule.late_minutes
        else _l("No vote is taken after the announced end (confidence %(tag)s).", tag=tags.late),
        _l("A voter may vote again while the vote is open; the last vote counts.")
        if rule.revoting == "last"
        else _l("Each voter votes once; a vote cannot be changed."),
        _l("Fewer than %(votes)d votes on a question are not opened.", votes=rule.least_votes),
    ]
