"""Bytes as decimal digits: what a QR code packs most densely and what every address, scanner and chat leaves alone."""

GROUP = 7
WIDTHS = (0, 3, 5, 8, 10, 13, 15, 17)
"""How many digits write 0 to 7 bytes; seven bytes need 17, so that a digit carries 3.29 of its 3.32 bits."""
WHOLE = WIDTHS[GROUP]


class DigitsError(ValueError):
    """The text is not what `write_digits` writes."""


def write_digits(data: bytes) -> str:
    """Write bytes in groups of seven, each as one decimal number of a fixed width."""
    groups = [data[start : start + GROUP] for start in range(0, len(data), GROUP)]
    return "".join(f"{int.from_bytes(group):0{WIDTHS[len(group)]}d}" for group in groups)


def read_digits(text: str) -> bytes:
    """Read the bytes back; raises DigitsError for other characters, a length or a number that nothing is written as."""
    if not (text.isascii() and text.isdigit()) or len(text) % WHOLE not in WIDTHS:
        msg = "not digits of bytes"
        raise DigitsError(msg)
    groups = [text[start : start + WHOLE] for start in range(0, len(text), WHOLE)]
    try:
        return b"".join(int(group).to_bytes(WIDTHS.index(len(group))) for group in groups)
    except OverflowError as error:
        msg = "a number is larger than its bytes"
        raise DigitsError(msg) from error
