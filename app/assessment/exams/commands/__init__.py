"""Commands of the exams room: `flask exams …`, one file a command."""

from app.assessment.exams.commands import analyse, assemble
from app.assessment.exams.commands.group import group

__all__ = ["analyse", "assemble", "group"]
