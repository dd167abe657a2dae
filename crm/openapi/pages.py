"""The public pages: the description for machines, and the page where people read and try it (contract, section 10)."""

from importlib import resources
from pathlib import Path

import orjson
from flask import Blueprint, Response, current_app, redirect, render_template, request, send_from_directory, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirection

from crm.blueprints import PREFIX

DOCS = "/crm/api/docs"
_ASSETS = {"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"}
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "  # its icons are in its style sheet
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

blueprint = Blueprint(
    "docs", __name__, template_folder="templates", static_folder="static", static_url_path=f"{DOCS}/page"
)


@blueprint.get(f"{PREFIX}/openapi.json")
def show_description() -> Response:
    """Answer the description of this API."""
    response = Response(_description(), mimetype="application/json")
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


@blueprint.get(DOCS)
def show_docs() -> Response:
    """Answer the reference page."""
    response = Response(render_template("docs.html"), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
    return response


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


def _description() -> bytes:
    """Return the JSON of the description, which is made at its first use."""
    from crm.openapi.document import describe  # here, so that a start does not load what makes it

    made: bytes | None = current_app.extensions.get("crm-description")
    if made is None:
        made = current_app.extensions["crm-description"] = orjson.dumps(describe(current_app))
    return made
