"""Tables of the exams room."""

from app.assessment.exams.models.comments import PaperComment, PaperCommentLine
from app.assessment.exams.models.conduct import ConductRecord, ConductVoid, Incident, IncidentFile
from app.assessment.exams.models.doubts import PaperDoubt
from app.assessment.exams.models.enemies import ItemEnemy
from app.assessment.exams.models.extra_time import ExtraTime, ExtraTimeFor, SessionChange
from app.assessment.exams.models.late import LateAnswer, LateDecision
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
from app.assessment.exams.models.papers import Blueprint, Paper, PaperItem, PaperSeal
from app.assessment.exams.models.results import Result, ResultCorrection
from app.assessment.exams.models.revocations import RegistrationRevocation
from app.assessment.exams.models.sessions import ExamSession, Registration
from app.assessment.exams.models.signals import SebConfiguration, SittingSignal
from app.assessment.exams.models.similarity import SimilarityOpinion, SimilarityPair, SimilarityRun
from app.assessment.exams.models.sittings import AnswerSave, Attempt
from app.assessment.exams.models.standards import ScoreEquating, StandardEstimate, StandardStudy
from app.assessment.exams.models.statistics import (
    ItemCalibration,
    ItemDif,
    ItemFlag,
    ItemStatistic,
    PersonFit,
    StatisticsRun,
)
from app.assessment.exams.models.venues import Admission, ExamVenue, SessionRoom, VenueRoom
from app.assessment.exams.models.waiting import WaitingPlace

__all__ = [
    "Admission",
    "AnswerSave",
    "Attempt",
    "Blueprint",
    "ConductRecord",
    "ConductVoid",
    "ExamSession",
    "ExamVenue",
    "ExtraTime",
    "ExtraTimeFor",
    "FreshMark",
    "Incident",
    "IncidentFile",
    "ItemCalibration",
    "ItemDif",
    "ItemEnemy",
    "ItemFlag",
    "ItemStatistic",
    "LateAnswer",
    "LateDecision",
    "MarkingChange",
    "MarkingRun",
    "MarkingTask",
    "Paper",
    "PaperComment",
    "PaperCommentLine",
    "PaperDoubt",
    "PaperItem",
    "PaperSeal",
    "PersonFit",
    "Registration",
    "RegistrationRevocation",
    "Result",
    "ResultCorrection",
    "ResultVersion",
    "ScoreEquating",
    "Script",
    "ScriptMark",
    "SebConfiguration",
    "SessionChange",
    "SessionRoom",
    "SimilarityOpinion",
    "SimilarityPair",
    "SimilarityRun",
    "SittingSignal",
    "StandardEstimate",
    "StandardStudy",
    "StatisticsRun",
    "TaskMarker",
    "VenueRoom",
    "WaitingPlace",
]
