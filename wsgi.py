"""The WSGI application that gunicorn and the `flask` command load."""

import os

from crm import create_app
from crm.operate import log
from crm.operate.start import require_check, start

app = create_app()
log.configure(app.config["LOG_FORMAT"], app.config["LOG_LEVEL"])
require_check(app)  # whatever serves it; commands check by themselves
if os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn/"):
    with log.telling_why_not():
        start(app)
