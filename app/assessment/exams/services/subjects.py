"""How events and to-dos name the records of this room."""

from app.assessment.exams.models import Blueprint, ExamSession, MarkingRun, MarkingTask, Paper, Script
from app.core.events import Subject


def of_blueprint(found: Blueprint) -> Subject:
    """Name a blueprint."""
    return Subject("blueprint", found.code)


def of_paper(found: Paper) -> Subject:
    """Name a paper."""
    return Subject("paper", found.code)


def of_session(found: ExamSession) -> Subject:
    """Name an exam session."""
    return Subject("exam_session", found.code)


def of_attempt(code: str) -> Subject:
    """Name a sitting by its code."""
    return Subject("attempt", code)


def of_run(found: MarkingRun) -> Subject:
    """Name a marking run."""
    return Subject("marking_run", found.code)


def of_task(found: MarkingTask) -> Subject:
    """Name what markers mark of a paper."""
    return Subject("marking_task", found.code)


def of_script(found: Script) -> Subject:
    """Name an answer before markers by its random code."""
    return Subject("script", found.code)


def named(found: ExamSession | Blueprint, word: str) -> dict[str, str]:
    """Return both names of a record under a word, as sentences of to-dos take them."""
    return {f"{word}_zh": found.name_zh, f"{word}_en": found.name_en}
