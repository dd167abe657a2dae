"""The CRM API: a Flask application made by `create_app`."""

import os
from collections.abc import Mapping

from flask import Flask

from crm import blueprints, commands, mcp, openapi
from crm.access import acting, hooks
from crm.blueprints import health
from crm.config import load_settings
from crm.database import connections, migrations
from crm.http import connection, cors, errors, limits, proxies, request_id, responses, urls
from crm.http.application import Application
from crm.operate import deliveries, files, metrics, requests, start
from crm.webhooks import lag


def create_app(environ: Mapping[str, str] = os.environ, instance_path: str | None = None) -> Flask:
    """Make the application.

    `environ` holds the `CRM_…` settings (contract, section 9); `instance_path` is the absolute
    folder of the embedded database and secret key. Raises SettingError for a setting that cannot be used.
    """
    app = Application(__name__, instance_path=instance_path, static_folder=None)
    app.config.update(load_settings(environ, app.instance_path))
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False

    proxies.init_app(app)
    connection.init_app(app)
    responses.init_app(app)
    request_id.init_app(app)
    connections.init_app(app)
    files.init_app(app)
    migrations.init_app(app)
    errors.init_app(app)
    deliveries.init_app(app, deliveries.Deliveries(lag.lag_seconds, lag.by_status))
    health.init_app(app)
    urls.init_app(app)
    cors.init_app(app)
    start.init_app(app)  # nothing is asked of a database that was not found fit
    hooks.init_app(app)  # who is asking comes before the limit, which counts by user
    limits.init_app(app, acting.caller_id)
    blueprints.init_app(app)
    openapi.init_app(app)
    mcp.init_app(app)
    commands.init_app(app)
    requests.init_app(app, acting.who)
    metrics.init_app(app)
    return app
