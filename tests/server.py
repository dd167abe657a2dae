"""A real server for tests: gunicorn in a process of its own, on a free port and a database of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from crm import create_app
from crm.blueprints import PREFIX
from crm.extensions import db
from tests.factories import create_token, create_user

ROOT = Path(__file__).parent.parent
_START_SECONDS = 30


class Server(NamedTuple):
    """Where a server listens, and token and email of an Owner there, whose password is PASSWORD."""

    url: str
    token: str
    email: str
    log: Path

    @property
    def api(self) -> str:
        return self.url + PREFIX


@contextmanager
def run_server(folder: Path, **settings: str) -> Iterator[Server]:
    """Serve a new SQLite database in a folder, with settings named without their prefix."""
    from tests.conftest import SECRET_KEY, prepare

    environ = {
        "CRM_DATABASE_URL": f"sqlite:///{folder / 'crm.sqlite3'}",
        "CRM_SECRET_KEY": SECRET_KEY,
        "CRM_RATELIMIT_AUTHENTICATED": "1000000 per minute",
        "CRM_RATELIMIT_UNAUTHENTICATED": "1000000 per minute",
        **{f"CRM_{name}": value for name, value in settings.items()},
    }
    prepare(environ["CRM_DATABASE_URL"])
    app = create_app(environ, instance_path=str(folder))
    email = "owner@example.com"
    token = create_token(app, create_user(app, email=email))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    port, log = _free_port(), folder / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}"]
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, stdout=output, stderr=output)
        try:
            server = Server(f"http://127.0.0.1:{port}", token, email, log)
            _wait_for(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            urllib.request.urlopen(f"{server.api}/openapi.json", timeout=5).close()
        except urllib.error.URLError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(server.log.read_text())
