"""The group `flask credentials`."""

from flask.cli import AppGroup

UNDECIDED = 3
group = AppGroup("credentials", help="Certificates: prepare batches, export, verify.")
