"""Writes of the room: bodies and keys, requests and batches, issuing step by step, revocation."""

from app.credentials.services.batches import lint_batch, prepare_batch, request_certificate
from app.credentials.services.bodies import rotate_key
from app.credentials.services.deciding import approve_batch, leave_out_faults, reject_batch
from app.credentials.services.opening import open_body
from app.credentials.services.revocation import revoke
from app.credentials.services.succession import ask_reissue, ask_renewal, decline
from app.credentials.services.suspension import hold, reinstate, release, suspend
from app.credentials.services.taking_back import may_be_taken_back, take_back
from app.credentials.services.templates import as_typed, discard_draft, load_shipped, save_draft, start_draft
from app.credentials.services.templates import confirm as confirm_template
from app.credentials.services.withdrawals import give_back, withdraw

__all__ = [
    "approve_batch",
    "as_typed",
    "ask_reissue",
    "ask_renewal",
    "confirm_template",
    "decline",
    "discard_draft",
    "give_back",
    "hold",
    "leave_out_faults",
    "lint_batch",
    "load_shipped",
    "may_be_taken_back",
    "open_body",
    "prepare_batch",
    "reinstate",
    "reject_batch",
    "release",
    "request_certificate",
    "revoke",
    "rotate_key",
    "save_draft",
    "start_draft",
    "suspend",
    "take_back",
    "withdraw",
]
