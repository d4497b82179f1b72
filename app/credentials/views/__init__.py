"""Pages of the room: what anyone may see and verify, and the work of issuers."""

from app.credentials.views.blueprint import bp
from app.credentials.views.documents import did_document
from app.credentials.views.images import credential_png
from app.credentials.views.issuing import desk
from app.credentials.views.log import log_page
from app.credentials.views.phone import phone
from app.credentials.views.public import certificate
from app.credentials.views.templates import templates
from app.credentials.views.verify import verify

__all__ = [
    "bp",
    "certificate",
    "credential_png",
    "desk",
    "did_document",
    "log_page",
    "phone",
    "templates",
    "verify",
]
