"""Forms of the credentials room."""

from app.credentials.forms.records import (
    FilterForm,
    PrepareForm,
    RejectForm,
    RevokeForm,
    VerifyForm,
)
from app.credentials.forms.templates import LevelForm, TemplateForm

__all__ = [
    "FilterForm",
    "LevelForm",
    "PrepareForm",
    "RejectForm",
    "RevokeForm",
    "TemplateForm",
    "VerifyForm",
]
