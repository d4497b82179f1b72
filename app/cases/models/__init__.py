"""Tables of the case room."""

from app.cases.models.numbers import CaseSerial
from app.cases.models.records import (
    CASE_TYPE,
    AppealPeriod,
    Case,
    CaseAuthor,
    CaseBarred,
    CaseEscalation,
    CaseFile,
    CasePause,
    CaseVisitor,
    DeclaredRelation,
    Delivery,
    Notice,
    NoticeDay,
    Publicity,
    separation_ddl,
)
from app.cases.models.restrictions import RESTRICTION_TYPE, Restriction, RestrictionLift

__all__ = [
    "CASE_TYPE",
    "RESTRICTION_TYPE",
    "AppealPeriod",
    "Case",
    "CaseAuthor",
    "CaseBarred",
    "CaseEscalation",
    "CaseFile",
    "CasePause",
    "CaseSerial",
    "CaseVisitor",
    "DeclaredRelation",
    "Delivery",
    "Notice",
    "NoticeDay",
    "Publicity",
    "Restriction",
    "RestrictionLift",
    "separation_ddl",
]
