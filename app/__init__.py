"""The application: settings, extensions, the list of rooms."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import web
from app.core import access, access_log, db, jobs, migrations, room
from app.rooms import ROOMS
from app.settings import ROOT, Settings
from app.web import forgery

UPLOAD_LIMIT = 64 * 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application from settings; raises UnsafeSettingsError for an unsafe production."""
    settings = settings or Settings()
    settings.refuse_unsafe()
    app = Flask(__name__, instance_path=str(ROOT / "instance"), static_folder=None)
    app.testing = settings.testing
    app.secret_key = settings.secret_key.get_secret_value()
    app.config.update(
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="jijing",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["settings"] = settings
    trust_proxies(app, settings.trusted_proxies)
    db.init_app(app, settings.database_url)
    migrations.init_app(app)
    forgery.init_app(app)
    jobs.init_app(app, settings.redis_url, settings.queue_path)
    web.init_app(app)
    access.init_app(app)
    access_log.init_app(app)
    room.open_rooms(app, ROOMS)
    return app


def trust_proxies(app: Flask, number: int) -> None:
    """Take the address of a visitor from so many proxies of one's own; without any, what a request says is not heard.

    Host and scheme are those of PUBLIC_URL, so nothing else that a proxy adds is read.
    """
    if number:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=0, x_host=0)  # type: ignore[method-assign]
