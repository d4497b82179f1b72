"""What somebody may take part in again after an office found that their declaration by name meant another person."""

from collections.abc import Iterable, Mapping

from app.ballots.models import Ballot
from app.ballots.queries import electorate
from app.ballots.states import BallotState
from app.core.errors import Text
from app.core.text import _l
from app.panels.models.draws import Panel, PanelCase
from app.panels.models.meetings import AgendaItem
from app.panels.queries import draws, pools
from app.panels.queries.recusals import Recorded
from app.panels.states import PanelState, SeatState

PLANNED = _l("May be drawn like everybody in the pool.")
IN_POPULATION = _l("Stands in the published population and may be drawn.")
NOT_IN_POPULATION = _l("The population was published without them; this draw stands.")
SEATS: dict[SeatState, Text] = {
    SeatState.SEATED: _l("Sits on the panel."),
    SeatState.SUBSTITUTE: _l("Stands among the substitutes; whoever took a seat keeps it."),
    SeatState.RECUSED: _l("Scoring had begun, so the panel stays as it is."),
}
NOT_CALLED = _l("May vote on this once the ballot is called.")
VOTES = _l("May vote on this in the ballot that was called.")
NO_VOTER = _l("Is no voter of the ballot.")
NO_VOTE = _l("Has no vote on this: the ballot was open when this was found. Its chair may call it off to call it anew.")
HAD_NO_VOTE = _l("Had no vote on this: the ballot was open when this was found. Its result stands.")


def on_panel(case: PanelCase, recusals: Iterable[Recorded]) -> Mapping[int, Text]:
    """Return for those found to have meant another person (by key) what they are to the panel of a case."""
    free = [one.recusal.person_id for one in recusals if not one.holds]
    if not free:
        return {}
    panel = case.panel
    if panel.state is PanelState.PLANNED:
        return dict.fromkeys(free, PLANNED)
    if panel.state is PanelState.PUBLISHED:
        return {person: _in_population(panel, person) for person in free}
    seats = {one.expert.person_id: SEATS[one.state] for one in draws.seats(panel)}
    return {person: seats.get(person, NOT_IN_POPULATION) for person in free}


def _in_population(panel: Panel, person_id: int) -> Text:
    expert = pools.entry_of(panel.pool_id, person_id)
    codes = {one.code for one in draws.candidates(panel)}
    return IN_POPULATION if expert is not None and expert.code in codes else NOT_IN_POPULATION


def in_ballot(item: AgendaItem, recusals: Iterable[Recorded]) -> tuple[Mapping[int, Text], Ballot | None]:
    """Return for those found to have meant another person (by key) what they are to the vote on an item.

    The ballot comes along where only calling it off would give one of them a vote.
    """
    free = [one.recusal.person_id for one in recusals if not one.holds]
    known = electorate(item.meeting.code, item.subject_code) if free else None
    if known is None:
        return dict.fromkeys(free, NOT_CALLED), None
    over = known.ballot.state is BallotState.DECIDED
    said = {
        person: (HAD_NO_VOTE if over else NO_VOTE)
        if person in known.recused
        else (VOTES if person in known.voters else NO_VOTER)
        for person in free
    }
    return said, known.ballot if NO_VOTE in said.values() else None
