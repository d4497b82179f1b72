"""`flask credentials trust`: the trust bundle as a file, built from what is published now."""

from pathlib import Path

import click

from app.core import clock
from app.core.commands import answer, refusals, with_json
from app.credentials.commands.group import group
from app.credentials.rules.instants import write_instant
from app.credentials.services import trust


@group.command("trust")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@with_json
def bundle(out: Path, *, as_json: bool) -> None:
    """Write the trust bundle to OUT: every key and status list, signed, for checks without network."""
    at = clock.real_now()
    with refusals():
        fingerprint, packed = trust.build(at=at)
        out.write_bytes(packed.content)
    document = {"path": str(out), "made": write_instant(at), "fingerprint": fingerprint, "bytes": len(packed.content)}
    answer(document, str(out), as_json=as_json)
