"""Who may vote, keep a key, conduct and watch a ballot."""

from enum import StrEnum

from app.accounts.states import Role
from app.ballots import states


class Permission(StrEnum):
    """The acts of the ballots room."""

    VOTE = "ballots.vote"
    KEEP = "ballots.keep"
    CONDUCT = states.CONDUCT
    CALL_OFF = states.CALL_OFF
    WATCH = "ballots.watch"


GRANTS = {
    Role.EXPERT: frozenset({Permission.VOTE, Permission.KEEP}),
    Role.CHAIR: frozenset({Permission.VOTE, Permission.KEEP, Permission.CONDUCT, Permission.CALL_OFF}),
    Role.SECRETARY: frozenset({Permission.WATCH, Permission.CALL_OFF}),
    Role.SUPERVISOR: frozenset({Permission.WATCH}),
}
