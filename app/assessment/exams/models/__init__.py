"""Tables of the exams room."""

from app.assessment.exams.models.papers import Blueprint, Paper, PaperItem
from app.assessment.exams.models.results import Result, ResultCorrection
from app.assessment.exams.models.sessions import ExamSession, Registration
from app.assessment.exams.models.signals import SebConfiguration, SittingSignal
from app.assessment.exams.models.sittings import AnswerSave, Attempt

__all__ = [
    "AnswerSave",
    "Attempt",
    "Blueprint",
    "ExamSession",
    "Paper",
    "PaperItem",
    "Registration",
    "Result",
    "ResultCorrection",
    "SebConfiguration",
    "SittingSignal",
]
