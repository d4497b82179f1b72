"""Pure functions of the rulebook: reading packs, choosing the one in force, criteria, replay, differences."""

from app.rulebook.rules.packs import (
    NATION,
    PackFile,
    Source,
    chain,
    check_params,
    choose,
    decode,
    invalid,
    read,
)

__all__ = ["NATION", "PackFile", "Source", "chain", "check_params", "choose", "decode", "invalid", "read"]
