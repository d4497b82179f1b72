"""Writes of the evidence room; rooms above call `use` and `release`."""

from app.evidence.services.audits import assign, confirm_finding, draw_sample, find
from app.evidence.services.counterparty import answer, ask
from app.evidence.services.decisions import accept, check, decline, reject, withdraw
from app.evidence.services.doors import refuse_entering
from app.evidence.services.entry import FieldsError, Place, correct, declare, discard, save_draft
from app.evidence.services.imports import commit_import, discard_import, stage_import
from app.evidence.services.papers import attach, detach, link, unlink
from app.evidence.services.programs import Whom, enter_for
from app.evidence.services.subjects import of_evidence
from app.evidence.services.uses import count_for, let_go_of_ended, release, use
from app.evidence.services.verdicts import refresh

__all__ = [
    "FieldsError",
    "Place",
    "Whom",
    "accept",
    "answer",
    "ask",
    "assign",
    "attach",
    "check",
    "commit_import",
    "confirm_finding",
    "correct",
    "count_for",
    "declare",
    "decline",
    "detach",
    "discard",
    "discard_import",
    "draw_sample",
    "enter_for",
    "find",
    "let_go_of_ended",
    "link",
    "of_evidence",
    "refresh",
    "refuse_entering",
    "reject",
    "release",
    "save_draft",
    "stage_import",
    "unlink",
    "use",
    "withdraw",
]
