"""The API description, made from the registered routes and the schemas behind them, and the page to read it on."""

from flask import Flask

from crm.http import limits
from crm.openapi import pages


def init_app(app: Flask) -> None:
    """Register the public pages, which are not counted (contract, section 10)."""
    app.register_blueprint(pages.blueprint)
    limits.exempt(app, pages.blueprint)
