"""The forms in which a certificate can be downloaded, by the ending of its address; which exist, the routes say."""

ENDINGS = ("pdf", "png", "svg", "json", "jwt", "tlog-proof")
"""In the order in which they are offered: for people first, then for programs."""
PICTURES = ("svg", "png")
"""Which of them can be shown as a picture of the sheet."""
PATTERN = "/credentials/<code>.{ending}"
