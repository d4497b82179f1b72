"""Facts that come with an application and are checked by the office that received it; unknown until then."""

from collections.abc import Mapping

from app.core.errors import Text
from app.core.text import _l
from app.rulebook.facts import FactKind, FactSource, FactType

STATED: Text = _l("stated with the application, proved by a document that the receiving office has checked")
DEGREES: Mapping[str, Text] = {
    "none": _l("no degree"),
    "college": _l("junior college (dazhuan)"),
    "bachelor": _l("bachelor"),
    "master": _l("master"),
    "doctor": _l("doctor"),
}

SOURCE = FactSource(
    _l("Stated with an application"),
    (
        FactKind("stated.services", _l("Services rendered"), FactType.COUNT, STATED, unit=_l("services")),
        FactKind("stated.amount", _l("Amount of deals facilitated"), FactType.MONEY, STATED),
        FactKind("stated.degree", _l("Highest degree"), FactType.CHOICE, STATED, choices=DEGREES),
        FactKind("stated.degree_on", _l("Day of the highest degree"), FactType.DATE, STATED),
        FactKind("stated.title_on", _l("Day of the present title"), FactType.DATE, STATED),
        FactKind("stated.appraisals_passed", _l("Yearly appraisals passed"), FactType.FLAG, STATED),
        FactKind("stated.research_results", _l("Representative research results"), FactType.COUNT, STATED),
        FactKind("stated.operations_results", _l("Representative operations results"), FactType.COUNT, STATED),
        FactKind("stated.civil_servant", _l("Civil servant"), FactType.FLAG, STATED),
        FactKind("stated.retired", _l("Retired person"), FactType.FLAG, STATED),
        FactKind("stated.dishonest", _l("Under a sanction for dishonest conduct"), FactType.FLAG, STATED),
    ),
    None,
)
