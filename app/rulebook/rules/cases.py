"""Test cases of a pack: facts in, the expected verdict out; a pack whose cases fail binds nobody."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from app.core.errors import InvalidError, Text
from app.core.text import _l, pick
from app.rulebook.facts import Catalogue, Fact, kind_of, read_value
from app.rulebook.kinds import Binding, RuleKind, judged
from app.rulebook.rules.packs import Case
from app.rulebook.verdicts import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a test case came to."""

    case: Case
    verdict: Verdict

    @property
    def name(self) -> str:
        """The case in the reader's language."""
        return pick(self.case.name_zh, self.case.name_en)

    @property
    def lines(self) -> list[Outcome]:
        """Return how each condition came out."""
        return [line.outcome for line in self.verdict.lines]

    @property
    def passed(self) -> bool:
        """Tell whether the verdict, and where given that of each condition, is the expected one."""
        whole = self.verdict.outcome is self.case.expected
        return whole and (not self.case.lines or self.case.lines == self.lines)


def check_cases(cases: Sequence[Case], kind: RuleKind, catalogue: Catalogue) -> None:
    """Check that cases name facts that are known, with values of their type; raises InvalidError naming the case."""
    if cases and kind.judge is None:
        raise InvalidError(
            _l("Packs of this kind decide nothing by themselves, so they carry no test cases. Leave them out."),
            field="file",
        )
    for place, reason in faults(cases, catalogue):
        raise InvalidError(
            _l("Test case %(place)s, %(reason)s. Correct it.", place=place + 1, reason=reason), field="file"
        )


PROOF: Mapping[Outcome, Text] = {
    Outcome.MET: _l("No test case shows who reaches it. Add one whose verdict is met."),
    Outcome.NOT_MET: _l("No test case shows who does not reach it. Add one whose verdict is not met."),
}
"""What the test cases of a pack that decides show before it binds."""


def lacking(cases: Iterable[Case], kind: RuleKind) -> list[Text]:
    """Say which test case a pack of a proven kind lacks; nothing where its cases show both verdicts."""
    expected = {case.expected for case in cases}
    return [said for outcome, said in PROOF.items() if outcome not in expected] if kind.proven else []


def faults(cases: Sequence[Case], catalogue: Catalogue) -> Iterator[tuple[int, Text]]:
    """Yield what is wrong with the facts of cases, each with the place of the case from 0."""
    for place, case in enumerate(cases):
        try:
            facts_of_case(case, catalogue)
        except ValueError as error:
            yield place, error.args[0]


def facts_of_case(case: Case, catalogue: Catalogue) -> dict[str, Fact]:
    """Type the facts of a case; raises ValueError naming the fact that is wrong."""
    facts = {}
    for name, given in case.facts.items():
        kind = kind_of(name, catalogue)
        try:
            facts[name] = Fact(read_value(kind, given))
        except ValueError as error:
            raise ValueError(_l("%(fact)s: %(reason)s", fact=name, reason=error.args[0])) from error
    return facts


def run(
    cases: Sequence[Case], kind: RuleKind, params: BaseModel, *, catalogue: Catalogue, binding: Binding
) -> list[CaseResult]:
    """Judge each case under the parameters."""
    if kind.judge is None:
        return []
    return [
        CaseResult(case, judged(kind, params, facts_of_case(case, catalogue), case.on, binding=binding))
        for case in cases
    ]
