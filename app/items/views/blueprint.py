"""The blueprint that the pages of the item bank hang on; nothing of them is kept by a browser or proxy."""

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

bp = Blueprint("items", __name__, url_prefix="/items", template_folder="../templates")
Answer = str | AnyResponse | tuple[str, int]


@bp.after_request
def keep_secret(response: Response) -> Response:
    """Exam items are secret: no copy of a page or file stays behind."""
    response.headers["Cache-Control"] = "no-store"
    return response
