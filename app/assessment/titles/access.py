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


GRANTS = {
    Role.TRAINEE: frozenset({Permission.READ, Permission.APPLY}),
    Role.SECRETARY: frozenset({Permission.READ, Permission.ORGANISE, Permission.WITHDRAW}),
    Role.REGULATOR: frozenset({Permission.READ, Permission.CONFIRM, Permission.WITHDRAW}),
    Role.EXPERT: frozenset({Permission.READ, Permission.REVIEW}),
    Role.CHAIR: frozenset({Permission.READ, Permission.REVIEW}),
}
