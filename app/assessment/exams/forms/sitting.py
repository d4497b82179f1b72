"""What the sitting page sends."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.assessment.exams.services.sitting import Answer

MOST_SAVES = 200
Letter = Annotated[str, StringConstraints(pattern=r"^[A-J]$")]


class SentResponse(BaseModel):
    """The letters chosen."""

    model_config = ConfigDict(extra="forbid")

    choice: tuple[Letter, ...] = Field(max_length=10)


class SentAnswer(BaseModel):
    """One answer as the sitting page sends it."""

    model_config = ConfigDict(extra="forbid")

    position: int = Field(gt=0, le=1000)
    sequence: int = Field(gt=0, le=2**31 - 1)
    response: SentResponse
    review: bool = False
    client_at: AwareDatetime | None = None

    def answer(self) -> Answer:
        """Return what the service takes; letters sorted, each once."""
        return Answer(
            self.position, self.sequence, tuple(sorted(set(self.response.choice))), self.review, self.client_at
        )


class SentPage(BaseModel):
    """What every request of a sitting page names: itself."""

    model_config = ConfigDict(extra="forbid")

    page: str = Field(pattern=r"^[0-9a-zA-Z-]{8,40}$")


class SentSaves(SentPage):
    """Answers of one page."""

    answers: tuple[SentAnswer, ...] = Field(min_length=1, max_length=MOST_SAVES)


def form_answers(values: Any, places: int) -> dict[int, tuple[tuple[str, ...], bool]]:  # noqa: ANN401 - a MultiDict, which this layer does not name
    """Read a whole plain form: choices by place as shown, whether marked for review."""
    return {
        place: (
            tuple(sorted({one for one in values.getlist(f"a{place}") if len(one) == 1 and "A" <= one <= "J"})),
            f"r{place}" in values,
        )
        for place in range(1, places + 1)
    }
