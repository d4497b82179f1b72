"""The forms in which a certificate can be downloaded, by the ending of its address; which exist, the routes say."""

ENDINGS = ("pdf", "png", "svg", "qr.png", "qr.svg", "json", "jwt", "tlog-proof")
"""In the order in which they are offered: for people first, then for programs."""
CODES = ("qr.png", "qr.svg")
"""Which of them are the QR code by itself; a certificate whose entries have no place in a code has none."""
PICTURES = ("svg", "png")
"""Which of them can be shown as a picture of the sheet."""
PATTERN = "/credentials/<code>.{ending}"
