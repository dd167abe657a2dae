"""dlt's source for REST APIs loads all records, and finds the pages by itself."""

import json
import os
import sys

from crm.blueprints import PREFIX, RESOURCES
from tests.support.client import ApiClient
from tests.support.factories import PASSWORD, create_token, create_user
from tests.support.programs import PROGRAMS, run

NAMES = [kind.model.__tablename__ for kind in RESOURCES]
EMAIL = "sync@example.com"


def test_it_loads_every_record_of_all_resources(app, database_url, serving, dlt, tmp_path):
    user = create_user(app, email=EMAIL)
    api = ApiClient(app, user)
    made = {name: 3 + place for place, name in enumerate(NAMES)}  # of pages of two, the last is full or not
    for name, count in made.items():
        for _ in range(count):
            api.create(name)
    environ = {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"]}
    with serving(environ, create_token(app, user)) as server:
        arguments = [server.url + PREFIX, EMAIL, PASSWORD, tmp_path, *NAMES]
        quiet = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(tmp_path)}
        printed = run(sys.executable, PROGRAMS / "sync.py", *arguments, cwd=tmp_path, **quiet)
    assert json.loads(printed.splitlines()[-1]) == made
