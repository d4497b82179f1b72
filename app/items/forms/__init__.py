"""Forms of the item bank."""

from app.items.forms.records import (
    KINDS,
    BankForm,
    CommitForm,
    ExportForm,
    FilterForm,
    ReasonForm,
    UploadForm,
)
from app.items.forms.writing import (
    ClearForm,
    CommentForm,
    RevisionForm,
    TypeForm,
    WrittenForm,
    asked_anew,
    filled,
    item_form,
    part_types,
    tell,
)

__all__ = [
    "KINDS",
    "BankForm",
    "ClearForm",
    "CommentForm",
    "CommitForm",
    "ExportForm",
    "FilterForm",
    "ReasonForm",
    "RevisionForm",
    "TypeForm",
    "UploadForm",
    "WrittenForm",
    "asked_anew",
    "filled",
    "item_form",
    "part_types",
    "tell",
]
