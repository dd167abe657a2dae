"""The reference page: how it is served, and that it works in a real browser."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crm.blueprints import PREFIX, RESOURCES
from tests.support.client import ApiClient

DOCS = "/crm/api/docs"
HEIGHT = 1400


@pytest.mark.parametrize("path", ["/", "/crm", "/crm/"])
def test_a_person_is_led_to_the_page(app, path):
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, DOCS)


@pytest.mark.parametrize("path", [DOCS, f"{DOCS}/"])
def test_the_page_and_all_that_it_loads_are_served_here(app, path):
    client = app.test_client()
    page = client.get(path)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "default-src 'none'; script-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    links = re.findall(r'(?:src|href|data-description)="([^"]+)"', page.text)
    assert len(links) == 6
    for link in links:
        assert link.startswith(("/crm/api/docs/", f"{PREFIX}/"))
        with client.get(link) as answer:
            assert answer.status_code == 200
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["index.html", "..%2fflask_swagger_ui.py", "swagger-ui.js"])
def test_nothing_else_of_the_package_is_served(app, name):
    answer = app.test_client().get(f"{DOCS}/swagger-ui/{name}")
    assert (answer.status_code, answer.json) == (404, {"message": "The requested resource was not found."})


def test_the_pages_are_not_counted(make_app):
    app = make_app(RATELIMIT_UNAUTHENTICATED="1 per hour")
    for _ in range(3):
        assert app.test_client().get(DOCS).status_code == 200
        assert app.test_client().get("/").status_code == 302
    assert ApiClient(app).get("/leads").status_code == 401


@pytest.fixture
def page(browser, server):
    """The reference page, opened. Afterwards nothing was loaded from elsewhere, and no error was noted."""
    context = browser.new_context(viewport={"width": 1280, "height": HEIGHT})
    context.set_default_timeout(20_000)
    page = context.new_page()
    requests, faults = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.goto(server.url)
    page.wait_for_selector(".opblock-tag")
    yield page
    context.close()
    elsewhere = [url for url in requests if urlsplit(url).scheme != "data" and urlsplit(url).hostname != "127.0.0.1"]
    assert len(requests) > 5
    assert elsewhere == []
    assert faults == []


def authorize(page, token):
    """Paste a token into the page, which takes it for all that is tried."""
    page.locator(".auth-wrapper button.authorize").first.click()
    page.locator(".auth-container input").fill(token)
    page.locator(".auth-container button.authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()


def test_the_page_forgets_its_token_when_it_is_loaded_anew(page, server):
    authorize(page, server.token)
    page.locator(".auth-wrapper button.authorize.locked").wait_for()
    page.reload()
    page.locator(".auth-wrapper button.authorize.unlocked").wait_for()
    kept = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert server.token not in kept


def test_a_person_reads_and_tries_it(page, server, tmp_path):
    assert page.url == server.url + DOCS
    tags = page.locator(".opblock-tag").evaluate_all("tags => tags.map(tag => tag.dataset.tag)")
    assert set(tags) >= {kind.model.__tablename__ for kind in RESOURCES}
    photograph(page, "1-overview")

    page.locator(".opblock-tag[data-tag=quotes]").click()
    page.locator("#operations-quotes-createQuote .opblock-summary-control").click()
    page.locator("#operations-quotes-createQuote .responses-table").first.wait_for()
    photograph(page, "2-operation")

    authorize(page, server.token)
    page.locator(".opblock-tag[data-tag=authentication]").click()
    page.locator("#operations-authentication-showCaller .opblock-summary-control").click()
    page.locator("#operations-authentication-showCaller button.execute").click()
    live = page.locator("#operations-authentication-showCaller .live-responses-table")
    live.wait_for()
    assert live.locator(".response-col_status").nth(1).inner_text().strip().startswith("200")
    assert "owner@example.com" in live.inner_text()
    photograph(page, "3-tried")


def photograph(page, name):
    """Keep a screenshot where CRM_TEST_SCREENSHOTS names a folder."""
    if folder := os.environ.get("CRM_TEST_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
