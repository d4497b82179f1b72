"""Which network addresses count as one source wherever tries are counted by where they come from."""

from ipaddress import IPv6Address, IPv6Network, ip_address

LINE_BITS = 64
"""An IPv6 line has at least a /64 to itself: whoever were counted by whole addresses would have 2^64 of them."""


def source_of(address: str | None) -> str:
    """Return what an address counts as: IPv4 itself, also written in IPv6; of IPv6 the /64; else the text as it is."""
    given = address or ""
    try:
        found = ip_address(given)
    except ValueError:
        return given
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), LINE_BITS), strict=False))
