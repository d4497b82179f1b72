"""Who applies for titles, organises rounds, reviews and confirms."""

from enum import StrEnum

from app.accounts.states import Role
from app.assessment.titles import states


class Permission(StrEnum):
    """The acts of the titles room; reading is scoped row by row."""

    READ = "titles.read"
    APPLY = states.APPLY
    ORGANISE = states.ORGANISE
    CONFIRM = states.CONFIRM
    REVIEW = "titles.review"


GRANTS = {
    Role.TRAINEE: frozenset({Permission.READ, Permission.APPLY}),
    Role.SECRETARY: frozenset({Permission.READ, Permission.ORGANISE}),
    Role.REGULATOR: frozenset({Permission.READ, Permission.CONFIRM}),
    Role.EXPERT: frozenset({Permission.READ, Permission.REVIEW}),
    Role.CHAIR: frozenset({Permission.READ, Permission.REVIEW}),
}
