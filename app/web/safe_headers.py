"""Response headers that tell browsers what a page may do; a view may set its own first."""

from flask import Flask, Response, g, request

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    # The camera reads QR codes of certificates and, where an exam asks for it, watches the seat.
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
}
TWO_YEARS = "max-age=63072000; includeSubDomains"


def protect(response: Response) -> Response:
    """Add the headers that the view has not set itself."""
    present = {name.lower() for name, _value in response.headers}
    response.headers.extend((name, value) for name, value in HEADERS.items() if name.lower() not in present)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", TWO_YEARS)
    if g.get("actor") is not None and response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def init_app(app: Flask) -> None:
    """Protect every response."""
    app.after_request(protect)
