"""Forms of the credentials room."""

from app.credentials.forms.records import (
    ApproveForm,
    FilterForm,
    PrepareForm,
    RejectForm,
    RevokeForm,
    TakeBackForm,
)
from app.credentials.forms.templates import LevelForm, TemplateForm
from app.credentials.forms.verify import VerifyForm

__all__ = [
    "ApproveForm",
    "FilterForm",
    "LevelForm",
    "PrepareForm",
    "RejectForm",
    "RevokeForm",
    "TakeBackForm",
    "TemplateForm",
    "VerifyForm",
]
