"""Tables of the exams room."""

from app.assessment.exams.models.papers import Blueprint, Paper, PaperItem
from app.assessment.exams.models.results import Result, ResultCorrection
from app.assessment.exams.models.sessions import ExamSession, Registration
from app.assessment.exams.models.similarity import SimilarityOpinion, SimilarityPair, SimilarityRun
from app.assessment.exams.models.sittings import AnswerSave, Attempt
from app.assessment.exams.models.statistics import (
    ItemCalibration,
    ItemDif,
    ItemFlag,
    ItemStatistic,
    PersonFit,
    StatisticsRun,
)

__all__ = [
    "AnswerSave",
    "Attempt",
    "Blueprint",
    "ExamSession",
    "ItemCalibration",
    "ItemDif",
    "ItemFlag",
    "ItemStatistic",
    "Paper",
    "PaperItem",
    "PersonFit",
    "Registration",
    "Result",
    "ResultCorrection",
    "SimilarityOpinion",
    "SimilarityPair",
    "SimilarityRun",
    "StatisticsRun",
]
