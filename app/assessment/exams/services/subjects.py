"""How events and to-dos name the records of this room."""

from app.assessment.exams.models import (
    Blueprint,
    ExamSession,
    MarkingRun,
    MarkingTask,
    Paper,
    PaperComment,
    PaperDoubt,
    ScoreEquating,
    Script,
    SimilarityPair,
    StandardStudy,
)
from app.core.events import Subject


def of_blueprint(found: Blueprint) -> Subject:
    """Name a blueprint."""
    return Subject("blueprint", found.code)


def of_paper(found: Paper) -> Subject:
    """Name a paper."""
    return Subject("paper", found.code)


def of_doubt(found: PaperDoubt) -> Subject:
    """Name the doubt about a paper of which an item was retired."""
    return Subject("paper_doubt", found.code)


def of_comment(found: PaperComment) -> Subject:
    """Name a comment on a paper."""
    return Subject("paper_comment", found.code)


def of_study(found: StandardStudy) -> Subject:
    """Name a standard-setting panel's study."""
    return Subject("standard_study", found.code)


def of_equating(found: ScoreEquating) -> Subject:
    """Name a conversion of scores."""
    return Subject("score_equating", found.code)


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


def of_statistics(found: ExamSession) -> Subject:
    """Name the statistics of a session, whose computations are no acts upon the session itself."""
    return Subject("exam_statistics", found.code)


def of_flags(found: ExamSession) -> Subject:
    """Name the items of a session that its statistics flagged."""
    return Subject("item_flags", found.code)


def of_comparison(found: ExamSession) -> Subject:
    """Name the comparisons of a session's answers."""
    return Subject("exam_similarity", found.code)


def of_pair(found: SimilarityPair) -> Subject:
    """Name a pair of similar sittings."""
    return Subject("similarity_pair", found.code)


def named(found: ExamSession | Blueprint, word: str) -> dict[str, str]:
    """Return both names of a record under a word, as sentences of to-dos take them."""
    return {f"{word}_zh": found.name_zh, f"{word}_en": found.name_en}
