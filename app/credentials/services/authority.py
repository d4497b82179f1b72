"""Whether a body may issue now: asked when a batch is prepared, when it is approved, and before anything is signed."""

from datetime import datetime

from app.core.errors import ForbiddenError
from app.core.text import _l
from app.credentials.models import IssuingBody


def require_authority(body: IssuingBody, *, at: datetime) -> None:
    """Raise ForbiddenError for a body whose authority to issue has ended; what it issued before stays valid."""
    if body.closed_at is not None and at >= body.closed_at:
        raise ForbiddenError(
            _l("The authority of this body to issue certificates has ended. Its requests go to the body after it.")
        )
