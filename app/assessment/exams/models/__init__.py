"""Tables of the exams room."""

from app.assessment.exams.models.marking import (
    FreshMark,
    MarkingChange,
    MarkingRun,
    MarkingTask,
    ResultVersion,
    Script,
    ScriptMark,
    TaskMarker,
)
from app.assessment.exams.models.papers import Blueprint, Paper, PaperItem
from app.assessment.exams.models.results import Result, ResultCorrection
from app.assessment.exams.models.sessions import ExamSession, Registration
from app.assessment.exams.models.sittings import AnswerSave, Attempt

__all__ = [
    "AnswerSave",
    "Attempt",
    "Blueprint",
    "ExamSession",
    "FreshMark",
    "MarkingChange",
    "MarkingRun",
    "MarkingTask",
    "Paper",
    "PaperItem",
    "Registration",
    "Result",
    "ResultCorrection",
    "ResultVersion",
    "Script",
    "ScriptMark",
    "TaskMarker",
]
