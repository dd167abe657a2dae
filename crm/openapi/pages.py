"""The public pages: the description for machines, and the page where people read and try it (contract, section 10)."""

from importlib import resources
from pathlib import Path

import orjson
from flask import Blueprint, Response, current_app, redirect, render_template, send_from_directory, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirection

from crm.blueprints import PREFIX
from crm.http.tagged import page_response
from crm.http.urls import absolute_url
from crm.openapi.overview import servers

DOCS = "/crm/api/docs"
_ASSETS = {"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"}
_DOCS_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "  # its icons are in its style sheet
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}

blueprint = Blueprint(
    "docs", __name__, template_folder="templates", static_folder="static", static_url_path=f"{DOCS}/page"
)


@blueprint.get(f"{PREFIX}/openapi.json")
def show_description() -> Response:
    """Answer the description of this API."""
    return page_response({**_description(), "servers": servers(absolute_url(PREFIX))})


@blueprint.get(DOCS)
def show_docs() -> Response:
    """Answer the reference page."""
    return Response(render_template("docs.html"), mimetype="text/html", headers=_DOCS_HEADERS)


@blueprint.get(f"{DOCS}/swagger-ui/<name>")
def show_asset(name: str) -> Response:
    """Answer a file of Swagger UI, which an installed package brings along."""
    if name not in _ASSETS:
        raise NotFound
    return send_from_directory(Path(str(resources.files("flask_swagger_ui"))) / "dist", name)


@blueprint.get("/")
@blueprint.get("/crm")
def lead_to_docs() -> Redirection:
    """Lead a person with a browser to the reference page."""
    return redirect(url_for(".show_docs"))


def _description() -> dict[str, orjson.Fragment]:
    """Return the parts of the description, each as JSON, which are made at their first use."""
    from crm.openapi.document import describe  # here, so that a start does not load what makes it

    made: dict[str, orjson.Fragment] | None = current_app.extensions.get("crm-description")
    if made is None:
        parts = describe(current_app).items()
        made = {name: orjson.Fragment(orjson.dumps(part)) for name, part in parts}
        current_app.extensions["crm-description"] = made
    return made
