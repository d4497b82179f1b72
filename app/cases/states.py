"""Closed lists of the case room and the life of a case."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class Instance(StrEnum):
    """Which rung of the ladder hears a case: the first, the same authority again, the authority above."""

    FIRST = "first"
    RECHECK = "recheck"
    APPEAL = "appeal"


INSTANCE_LABELS: dict[Instance, Text] = {
    Instance.FIRST: _l("First instance"),
    Instance.RECHECK: _l("Recheck"),
    Instance.APPEAL: _l("Appeal"),
}


DECLARED, BY_NAME = "declaration", "declaration.name"
"""What a conflict that a declaration tells names as its source; the second, where only a name fits."""


class Relation(StrEnum):
    """What binds somebody who judges to a person or body, as they declare it themselves."""

    UNIT = "unit"
    KINSHIP = "kinship"
    COAUTHOR = "coauthor"
    STUDENT = "student"
    CONTRACT = "contract"


RELATION_LABELS: dict[Relation, Text] = {
    Relation.KINSHIP: _l("Kinship"),
    Relation.UNIT: _l("I work for them, or hold shares in them"),
    Relation.COAUTHOR: _l("Joint works"),
    Relation.STUDENT: _l("Teacher and student"),
    Relation.CONTRACT: _l("Contract or project together"),
}


class Protection(StrEnum):
    """Who is told who raised a case: the parties, the handling officer alone, nobody."""

    OPEN = "open"
    SEALED = "sealed"
    ANONYMOUS = "anonymous"


class Outcome(StrEnum):
    """What a decision says of the claim."""

    UPHELD = "upheld"
    REJECTED = "rejected"


OUTCOME_LABELS: dict[Outcome, Text] = {Outcome.UPHELD: _l("Upheld"), Outcome.REJECTED: _l("Not upheld")}


class CaseState(StrEnum):
    """Where a case is; whether a clock has run out is derived from its dates."""

    DRAFT = "draft"
    RAISED = "raised"
    ACCEPTED = "accepted"
    WAITING = "waiting"
    DECIDED = "decided"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    FILED = "filed"


STATE_LABELS: dict[CaseState, Text] = {
    CaseState.DRAFT: _l("Draft"),
    CaseState.RAISED: _l("Waiting to be accepted"),
    CaseState.ACCEPTED: _l("Under examination"),
    CaseState.WAITING: _l("Clock stopped: materials asked for"),
    CaseState.DECIDED: _l("Decision made"),
    CaseState.DECLINED: _l("Not accepted"),
    CaseState.WITHDRAWN: _l("Withdrawn"),
    CaseState.FILED: _l("On file"),
}
STATE_TONES: dict[CaseState, str] = {
    CaseState.DRAFT: "neutral",
    CaseState.RAISED: "waiting",
    CaseState.ACCEPTED: "waiting",
    CaseState.WAITING: "info",
    CaseState.DECIDED: "good",
    CaseState.DECLINED: "bad",
    CaseState.WITHDRAWN: "done",
    CaseState.FILED: "done",
}
OPEN_STATES = (CaseState.RAISED, CaseState.ACCEPTED, CaseState.WAITING)
ENDED_STATES = (CaseState.DECIDED, CaseState.DECLINED)


class NoticeKind(StrEnum):
    """What a notice (通知) tells a party of a case."""

    ACCEPTED = "accepted"
    MATERIALS = "materials"
    DECLINED = "declined"
    DECIDED = "decided"


NOTICE_LABELS: dict[NoticeKind, Text] = {
    NoticeKind.ACCEPTED: _l("Notice of acceptance"),
    NoticeKind.MATERIALS: _l("Notice to supply materials"),
    NoticeKind.DECLINED: _l("Notice that the case is not accepted"),
    NoticeKind.DECIDED: _l("Notice of the decision"),
}


class DeliveryHow(StrEnum):
    """How a notice reached its addressee."""

    ONLINE = "online"
    IN_PERSON = "in_person"
    POST = "post"
    PUBLIC = "public"


DELIVERY_LABELS: dict[DeliveryHow, Text] = {
    DeliveryHow.ONLINE: _l("Confirmed online by the addressee"),
    DeliveryHow.IN_PERSON: _l("Handed over in person"),
    DeliveryHow.POST: _l("By registered post"),
    DeliveryHow.PUBLIC: _l("By public announcement"),
}

HANDLE = "cases.handle"
CASE = Lifecycle[CaseState](
    "case_record",
    CaseState.DRAFT,
    (
        Move("raise", frozenset({CaseState.DRAFT}), CaseState.RAISED, None, _l("Raise the case")),
        Move("file", frozenset({CaseState.DRAFT}), CaseState.FILED, None, _l("Put the declaration on file")),
        Move("accept", frozenset({CaseState.RAISED}), CaseState.ACCEPTED, HANDLE, _l("Accept the case")),
        Move("decline", frozenset({CaseState.RAISED}), CaseState.DECLINED, HANDLE, _l("Do not accept the case")),
        Move("ask", frozenset({CaseState.ACCEPTED}), CaseState.WAITING, HANDLE, _l("Ask for materials")),
        Move("resume", frozenset({CaseState.WAITING}), CaseState.ACCEPTED, None, _l("Go on with the examination")),
        Move("decide", frozenset({CaseState.ACCEPTED}), CaseState.DECIDED, HANDLE, _l("Decide the case")),
        Move("withdraw", frozenset(OPEN_STATES), CaseState.WITHDRAWN, None, _l("Withdraw the case")),
    ),
)
