"""The blueprint that all pages of the room belong to."""

from flask import Blueprint

bp = Blueprint("credentials", __name__, template_folder="../templates")
