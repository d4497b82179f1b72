"""Pages of the room: what anyone may see and verify, and the work of issuers."""

from app.credentials.views.blueprint import bp
from app.credentials.views.documents import did_document
from app.credentials.views.issuing import desk
from app.credentials.views.public import certificate
from app.credentials.views.templates import templates

__all__ = ["bp", "certificate", "desk", "did_document", "templates"]
