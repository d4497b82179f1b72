"""Who applies for titles, organises rounds, reviews, confirms, and proposes to withdraw."""

from enum import StrEnum

from app.accounts.states import Role
from app.assessment.titles import states


class Permission(StrEnum):
    """The acts of the titles room; reading is scoped row by row."""

    READ = "titles.read"
    APPLY = states.APPLY
    ORGANISE = states.ORGANISE
    CONFIRM = states.CONFIRM
    WITHDRAW = states.WITHDRAW
    REVIEW = "titles.review"
    SCORES = "titles.scores"


GRANTS = {
    Role.TRAINEE: frozenset({Permission.READ, Permission.APPLY}),
    Role.SECRETARY: frozenset({Permission.READ, Permission.ORGANISE, Permission.SCORES, Permission.WITHDRAW}),
    Role.REGULATOR: frozenset({Permission.READ, Permission.CONFIRM, Permission.SCORES, Permission.WITHDRAW}),
    Role.EXPERT: frozenset({Permission.READ, Permission.REVIEW, Permission.SCORES}),
    Role.CHAIR: frozenset({Permission.READ, Permission.REVIEW, Permission.SCORES}),
}
