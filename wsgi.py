"""The WSGI application that gunicorn and the `flask` command load."""

import os

from crm import create_app
from crm.operate.start import require_check, start

app = create_app()
require_check(app)  # whatever serves it; commands check by themselves
if os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn/"):
    start(app)
