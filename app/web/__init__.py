"""What every page stands on: layouts, components, words in two languages, static files, error pages."""

from flask import Flask

from app.web import bundles, cookies, error_pages, form_words, languages, page_context, safe_headers
from app.web.views import blueprint, open_gallery


def init_app(app: Flask) -> None:
    """Give the application its look; expects `settings` in `app.extensions`."""
    cookies.init_app(app)
    languages.init_app(app)
    form_words.init_app()
    bundles.init_app(app)
    page_context.init_app(app)
    safe_headers.init_app(app)
    error_pages.init_app(app)
    open_gallery(app)
    app.register_blueprint(blueprint)
