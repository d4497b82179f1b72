"""Tables of the exams room."""

from app.assessment.exams.models.enemies import ItemEnemy
from app.assessment.exams.models.papers import Blueprint, Paper, PaperItem, PaperSeal
from app.assessment.exams.models.results import Result, ResultCorrection
from app.assessment.exams.models.sessions import ExamSession, Registration
from app.assessment.exams.models.sittings import AnswerSave, Attempt
from app.assessment.exams.models.standards import ScoreEquating, StandardEstimate, StandardStudy

__all__ = [
    "AnswerSave",
    "Attempt",
    "Blueprint",
    "ExamSession",
    "ItemEnemy",
    "Paper",
    "PaperItem",
    "PaperSeal",
    "Registration",
    "Result",
    "ResultCorrection",
    "ScoreEquating",
    "StandardEstimate",
    "StandardStudy",
]
