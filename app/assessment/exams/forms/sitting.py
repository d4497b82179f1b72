"""What the sitting page sends."""

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from app.assessment.exams.forms import responses
from app.assessment.exams.services.answers import Answer

MOST_SAVES = 200
Response = Annotated[dict[str, Any], AfterValidator(responses.read)]


class SentAnswer(BaseModel):
    """One answer as the sitting page sends it."""

    model_config = ConfigDict(extra="forbid")

    position: int = Field(gt=0, le=1000)
    sequence: int = Field(gt=0, le=2**31 - 1)
    response: Response
    review: bool = False
    client_at: AwareDatetime | None = None

    def answer(self) -> Answer:
        """Return what the services take."""
        return Answer(self.position, self.sequence, self.response, self.review, self.client_at)


class SentPage(BaseModel):
    """What every request of a sitting page names: itself."""

    model_config = ConfigDict(extra="forbid")

    page: str = Field(pattern=r"^[0-9a-zA-Z-]{8,40}$")


class SentSaves(SentPage):
    """Answers of one page."""

    answers: tuple[SentAnswer, ...] = Field(min_length=1, max_length=MOST_SAVES)

    def read(self) -> list[Answer]:
        """Return the answers as the services take them; of one place and sequence sent twice, the first."""
        return list({(one.position, one.sequence): one.answer() for one in reversed(self.answers)}.values())[::-1]
