"""Pages of the room: what anyone may see and verify, and the work of issuers."""

from app.credentials.views.asks import own_change
from app.credentials.views.authority import authority
from app.credentials.views.blueprint import bp
from app.credentials.views.body_orders import body_order
from app.credentials.views.changes import bulk_changes
from app.credentials.views.checks import checks
from app.credentials.views.documents import did_document
from app.credentials.views.holder import mine
from app.credentials.views.images import credential_png
from app.credentials.views.issued import issued
from app.credentials.views.issuing import desk
from app.credentials.views.keys import keys
from app.credentials.views.lists import verify_list
from app.credentials.views.log import log_page
from app.credentials.views.phone import phone
from app.credentials.views.public import certificate
from app.credentials.views.requests import issuing_request
from app.credentials.views.shared import shared
from app.credentials.views.templates import templates
from app.credentials.views.verify import verify

__all__ = [
    "authority",
    "body_order",
    "bp",
    "bulk_changes",
    "certificate",
    "checks",
    "credential_png",
    "desk",
    "did_document",
    "issued",
    "issuing_request",
    "keys",
    "log_page",
    "mine",
    "own_change",
    "phone",
    "shared",
    "templates",
    "verify",
    "verify_list",
]
