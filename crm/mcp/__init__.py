"""What agents get: a dozen tools on the verbs and actions of the API, by the Model Context Protocol."""

from flask import Flask

from crm.http import cors
from crm.mcp.endpoint import ENDPOINT, HEADERS, make_blueprint


def init_app(app: Flask) -> None:
    """Register the endpoint of agents, which pages may send the headers of the protocol to."""
    app.register_blueprint(make_blueprint())
    cors.also_sent(app, ENDPOINT, HEADERS)
