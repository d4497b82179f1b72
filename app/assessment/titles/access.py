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
    SCORES = "titles.scores"


GRANTS = {
    Role.TRAINEE: frozenset({Permission.READ, Permission.APPLY}),
    Role.SECRETARY: frozenset({Permission.READ, Permission.ORGANISE, Permission.SCORES}),
    Role.REGULATOR: frozenset({Permission.READ, Permission.CONFIRM, Permission.SCORES}),
    Role.EXPERT: frozenset({Permission.READ, Permission.REVIEW, Permission.SCORES}),
    Role.CHAIR: frozenset({Permission.READ, Permission.REVIEW, Permission.SCORES}),
}
