"""The blueprint that every page of evidence hangs on, and what its views answer."""

from flask import Blueprint
from werkzeug.wrappers import Response

bp = Blueprint("evidence", __name__, url_prefix="/evidence", template_folder="../templates")
Answer = str | Response | tuple[str, int]
