"""Pages of other origins, in a real browser: one that is allowed works with records, another one cannot."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crm.blueprints import PREFIX
from tests.support.factories import PASSWORD, create_token, create_user

WORK = """async ([api, email, password]) => {
  const call = async (method, path, token, body, headers = {}) => {
    const answer = await fetch(api + path, {
      method,
      headers: {"Content-Type": "application/json", ...(token && {Authorization: `Bearer ${token}`}), ...headers},
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return {status: answer.status, body: text && JSON.parse(text), headers: Object.fromEntries(answer.headers)};
  };
  const {body: {token}} = await call("POST", "/auth/token", null, {email, password});
  const made = await call("POST", "/leads", token, {title: "From a page"}, {"Idempotency-Key": "page"});
  const again = await call("POST", "/leads", token, {title: "From a page"}, {"Idempotency-Key": "page"});
  const path = `/leads/${made.body.data.id}`;
  const changed = await call("PATCH", path, token, {amount: 5}, {"If-Match": made.headers.etag});
  const stale = await call("DELETE", path, token, null, {"If-Match": made.headers.etag});
  return [made, again, changed, stale, await call("GET", "/leads", token), await call("GET", "/leads", "wrong")];
}"""
TRY = "api => fetch(api + '/auth/token', {method: 'POST'}).then(answer => answer.status, error => String(error))"


class Page(BaseHTTPRequestHandler):
    """Serves an empty page."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page</title>")

    def log_message(self, *_):
        """Write nothing."""


@pytest.fixture
def pages():
    """The origins of two pages."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Page) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{server.server_port}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_page_of_an_allowed_origin_works_with_records_and_another_one_cannot(
    app, database_url, serving, pages, browser
):
    allowed, other = pages
    user = create_user(app, email="page@example.com")
    environ = {
        "CRM_DATABASE_URL": database_url,
        "CRM_SECRET_KEY": app.config["SECRET_KEY"],
        "CRM_CORS_ORIGINS": allowed,
    }
    with serving(environ, create_token(app, user)) as server:
        api = server.url + PREFIX
        page = browser.new_page()
        page.goto(allowed)
        made, again, changed, stale, listed, refused = page.evaluate(WORK, [api, "page@example.com", PASSWORD])
        assert [one["status"] for one in (made, again, changed, stale, listed)] == [201, 201, 200, 412, 200]
        assert [lead["title"] for lead in listed["body"]["data"]] == ["From a page"]
        assert made["headers"]["location"].endswith(made["body"]["data"]["id"])
        assert again["headers"]["idempotent-replayed"] == "true"
        assert changed["headers"]["etag"].startswith('"2')
        for one in (made, changed, listed):
            assert {"x-ratelimit-limit", "x-ratelimit-remaining", "ratelimit", "ratelimit-policy"} <= set(
                one["headers"]
            )
            assert one["headers"]["x-request-id"]
        assert (refused["status"], refused["headers"]["www-authenticate"]) == (401, "Bearer")
        page.goto(other)
        assert page.evaluate(TRY, api) == "TypeError: Failed to fetch"
        page.close()
