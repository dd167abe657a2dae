"""The host that a request names: links show it as a URL has it, and what is no host is a 400 (contract, section 6)."""

import pytest

from crm.blueprints import PREFIX
from crm.http.urls import absolute_url
from tests.http.test_errors import check_plain
from tests.http.test_hostile import brief
from tests.support.client import routes, statements
from tests.support.factories import NAMES
from tests.support.stores import ON_SQLITE
from tests.support.wire import wire_to

DOCS = "/crm/api/docs"
HOSTS = {
    "crm.example": "crm.example",
    "CRM.Example:8443": "crm.example:8443",
    "xn--fuball-cta.example": "xn--fuball-cta.example",
    "xn--mnchen-3ya.example": "xn--mnchen-3ya.example",
    "xn--mnchen-3ya.example:8000": "xn--mnchen-3ya.example:8000",
    "xn--.example": "xn--.example",
    "xn--99999999.example": "xn--99999999.example",
    "crm_api:8000": "crm_api:8000",
    "127.0.0.1:8000": "127.0.0.1:8000",
    "[::1]": "[::1]",
    "[::1]:8000": "[::1]:8000",
    "[2001:DB8::7F]:8000": "[2001:db8::7f]:8000",
    "[::ffff:127.0.0.1]": "[::ffff:127.0.0.1]",
    "crm.example.": "crm.example.",
    "crm.example:80": "crm.example",
    "crm.example:443": "crm.example:443",
    "crm.example:": "crm.example",
    "[::1]:": "[::1]",
    "crm.example:1": "crm.example:1",
    "crm.example:65535": "crm.example:65535",
    f"{'a' * 63}.example": f"{'a' * 63}.example",
}
"""For each host that is sent the one that links show, asked by HTTP."""

NO_HOSTS = [
    *("", " ", "a b", "a\tb", "a\x00b", "a\x7fb", "crm.example/", "crm.example/x", "user@crm.example", "http://x", "?"),
    *("crm.example:0", "crm.example:65536", "crm.example:99999999999", "crm.example:-1", "crm.example:80:80", ":80"),
    *("crm.example:port", "crm.example:8o", "crm.example:²", "crm.example, other.example", "a,b", "a;b", "a\\b", "a#b"),
    *("[::1", "::1", "[::1]]", "[]", "[1.2.3.4]", "[::1]x", "[fe80::1%eth0]", "[::g]", "[::1]:0"),
    *("münchen.example", "crm.\xff", "a..b", ".", "..", ".example", "a" * 64, "a" * 3000, "a.b" * 100, "evil'\"<>"),
]


@pytest.mark.parametrize(("port", "shown"), [(":443", ""), (":80", ":80"), (":8443", ":8443"), ("", "")])
def test_the_default_port_is_that_of_the_scheme(api, port, shown):
    body = api.get("/leads", base_url="https://localhost", headers={"Host": f"crm.example{port}"}).json
    assert body["meta"]["path"] == f"https://crm.example{shown}{PREFIX}/leads"


@ON_SQLITE  # as on every store: none is asked
@pytest.mark.parametrize("host", NO_HOSTS, ids=brief)
def test_a_host_that_is_none_is_a_400_on_every_path(app, api, stranger, host):
    headers = {"Host": host}
    with statements(app) as sent:
        for path in routes(app):
            for client, verb in ((api, "GET"), (stranger, "POST"), (stranger, "OPTIONS")):
                check_plain(client.request(verb, path, headers=headers), 400)
        for path in ("/", "/crm", DOCS, f"{DOCS}/swagger-ui/swagger-ui.css", f"{DOCS}/page/page.js", "/nothing"):
            check_plain(app.test_client().get(path, headers=headers), 400)
    assert sent == []


# Over a socket, since the test client itself takes no such host


def ask(server, first_line, *headers):
    with wire_to(server.port) as wire:
        return wire.ask(first_line, f"Authorization: Bearer {server.token}", *headers)


@pytest.mark.parametrize("host", HOSTS)
def test_links_name_the_host_as_a_url_does(server, host):
    body = ask(server, f"GET {PREFIX}/leads?per_page=1 HTTP/1.1", f"Host: {host}").data
    url = f"http://{HOSTS[host]}{PREFIX}/leads"
    assert body["meta"]["path"] == url
    assert body["links"]["first"] == body["meta"]["links"][1]["url"] == f"{url}?per_page=1&page=1"


def test_every_list_takes_a_host_in_punycode(server):
    for resource in NAMES:
        links = ask(server, f"GET {PREFIX}/{resource} HTTP/1.1", "Host: xn--fuball-cta.example").data["links"]
        assert links["last"] == f"http://xn--fuball-cta.example{PREFIX}/{resource}?page=1"


def test_without_a_host_http_1_0_gets_links_to_the_server(server):
    answer = ask(server, f"GET {PREFIX}/leads HTTP/1.0")
    assert (answer.status, answer.data["meta"]["path"]) == (200, f"http://127.0.0.1:{server.port}{PREFIX}/leads")
    answer = ask(server, f"GET {PREFIX}/leads HTTP/1.0", "Host: crm.example")
    assert answer.data["meta"]["path"] == f"http://crm.example{PREFIX}/leads"


@pytest.mark.parametrize(
    "headers", [[], ["Host:"], ["Host: a b"], ["Host: crm.example:99999"], ["Host: a@b"], ["Host: [:::]"]]
)
def test_without_a_host_http_1_1_is_a_400(server, headers):
    answer = ask(server, f"GET {PREFIX}/leads HTTP/1.1", *headers)
    assert (answer.status, answer.data) == (400, {"message": "The Host header names no host."})


@pytest.mark.parametrize(
    ("name", "port", "host"),
    [("::1", "8000", "[::1]:8000"), ("127.0.0.1", "80", "127.0.0.1"), ("crm.local", "443", "crm.local:443")],
)
def test_the_servers_name_is_written_as_a_host(app, name, port, host):
    environ = {"SERVER_PROTOCOL": "HTTP/1.0", "SERVER_NAME": name, "SERVER_PORT": port}
    with app.test_request_context("/leads", environ_overrides=environ) as context:
        del context.request.environ["HTTP_HOST"]
        assert absolute_url("/a b/é?%") == f"http://{host}/a%20b/%C3%A9%3F%25"
