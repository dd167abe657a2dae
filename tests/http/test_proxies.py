"""What a proxy says of a request: believed where CRM_TRUSTED_PROXIES says so, and only where it can be true."""

import re

import pytest

from crm.blueprints import PREFIX
from tests.http.test_errors import check_plain
from tests.support.client import ApiClient
from tests.support.factories import create_token, create_user
from tests.support.wire import wire_to

DOCS = "/crm/api/docs"
PREFIXES = {
    "/crm-app": "/crm-app",
    "/crm-app/": "/crm-app",
    "/a/b.c": "/a/b.c",
    "/a%20b/%C3%A9": "/a%20b/%C3%A9",
    "/~me;v=1": "/~me;v=1",
    "/": "",
}
NO_PREFIXES = [
    *("//evil.example", "///evil.example", "/a//evil.example", "/\\evil.example", "\\\\evil.example", "evil", ""),
    *("http://evil.example", "evil.example/", "/a b", "/a\tb", "/a\x00", "/a\x7f", '/"><script>', "/a?b", "/a#b"),
    *("/é", '"//evil.example"'),
]


@pytest.fixture
def behind(make_app):
    """Send a GET through so many proxies, by default one, to an application that trusts one."""

    def get(path, proxies="1", **headers):
        app = make_app(TRUSTED_PROXIES=proxies)
        api = ApiClient(app, create_user(app))
        return api.get(path, headers={f"X-Forwarded-{name}": value for name, value in headers.items()})

    return get


def path_of_links(answer):
    assert answer.status_code == 200
    return answer.json["meta"]["path"]


@pytest.mark.parametrize(("scheme", "used"), [("https", "https"), ("HTTPS", "https"), ("http", "http")])
def test_the_scheme_is_the_forwarded_one(behind, scheme, used):
    assert path_of_links(behind("/leads", Proto=scheme)) == f"{used}://localhost{PREFIX}/leads"


@pytest.mark.parametrize("scheme", ["javascript", "ftp", "wss", "on", "https:", "//evil.example", "a b", "\xff", ""])
def test_a_scheme_other_than_http_and_https_does_not_count(behind, scheme):
    assert path_of_links(behind("/leads", Proto=scheme)) == f"http://localhost{PREFIX}/leads"


@pytest.mark.parametrize("host", ["xn--mnchen-3ya.example", "crm.example:8443", "[::1]:8000"])
def test_the_host_is_the_forwarded_one(behind, host):
    assert path_of_links(behind("/leads", Host=host)) == f"http://{host}{PREFIX}/leads"


@pytest.mark.parametrize("host", ["a b", "evil@host", "host/path", "host:99999", "host:port", "[::1", "münchen"])
def test_a_forwarded_host_that_is_none_is_a_400(behind, host):
    check_plain(behind("/leads", Host=host), 400)
    check_plain(behind("/nothing", Host=host), 400)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_links_keep_the_forwarded_prefix(behind, prefix):
    body = behind("/leads", Prefix=prefix, Proto="https", Host="crm.example").json
    assert body["meta"]["path"] == f"https://crm.example{PREFIXES[prefix]}{PREFIX}/leads"
    assert body["links"]["first"] == f"https://crm.example{PREFIXES[prefix]}{PREFIX}/leads?page=1"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_reference_page_keeps_the_forwarded_prefix(make_app, prefix):
    client, headers = make_app(TRUSTED_PROXIES="1").test_client(), {"X-Forwarded-Prefix": prefix}
    start = PREFIXES[prefix]
    assert client.get("/", headers=headers).headers["Location"] == f"{start}{DOCS}"
    links = re.findall(r'(?:src|href|data-description)="([^"]+)"', client.get(DOCS, headers=headers).text)
    assert len(links) == 6
    for link in links:
        assert link.startswith((f"{start}{DOCS}/", f"{start}{PREFIX}/"))
        with client.get(link.removeprefix(start), headers=headers) as answer:
            assert answer.status_code == 200
    description = client.get(f"{PREFIX}/openapi.json", headers=headers)
    assert [server["url"] for server in description.json["servers"]] == [f"http://localhost{start}{PREFIX}"]
    assert description.headers["ETag"]


@pytest.mark.parametrize("prefix", NO_PREFIXES, ids=ascii)
def test_a_prefix_that_is_no_path_does_not_count(make_app, behind, prefix):
    assert path_of_links(behind("/leads", Prefix=prefix)) == f"http://localhost{PREFIX}/leads"
    client, headers = make_app(TRUSTED_PROXIES="1").test_client(), {"X-Forwarded-Prefix": prefix}
    assert client.get("/", headers=headers).headers["Location"] == DOCS
    assert client.get(DOCS, headers=headers).text == client.get(DOCS).text
    assert client.get(f"{PREFIX}/openapi.json", headers=headers).data == client.get(f"{PREFIX}/openapi.json").data


def test_of_two_proxies_the_outer_ones_word_counts(behind):
    said = {"Proto": "https, http", "Host": "outer.example, inner.example", "Prefix": "/outer, /inner"}
    assert path_of_links(behind("/leads", "2", **said)) == f"https://outer.example/outer{PREFIX}/leads"
    said = {"Proto": "javascript, https", "Host": "outer.example, inner.example", "Prefix": "//evil, /inner"}
    assert path_of_links(behind("/leads", "2", **said)) == f"http://outer.example{PREFIX}/leads"


def test_nothing_that_is_forwarded_counts_without_the_setting(behind):
    answer = behind("/leads", "0", Proto="https", Host="a b", Prefix="/crm-app", Port="1", Ssl="on")
    assert path_of_links(answer) == f"http://localhost{PREFIX}/leads"


def test_the_servers_own_script_name_is_a_prefix_too(app, api):
    base = {"base_url": "http://crm.example/crm-app"}
    assert api.get("/leads", **base).json["meta"]["path"] == f"http://crm.example/crm-app{PREFIX}/leads"
    assert api.get("/openapi.json", **base).json["servers"][0]["url"] == f"http://crm.example/crm-app{PREFIX}"
    assert app.test_client().get("/", **base).headers["Location"] == f"/crm-app{DOCS}"


# gunicorn


@pytest.fixture(params=["0", "1"])
def gunicorn(request, serving, app, database_url):
    """A server that trusts no proxy, and one that trusts one."""
    environ = {
        "CRM_DATABASE_URL": database_url,
        "CRM_SECRET_KEY": app.config["SECRET_KEY"],
        "CRM_TRUSTED_PROXIES": request.param,
    }
    with serving(environ, create_token(app, create_user(app))) as server:
        yield server, request.param == "1"


def test_gunicorn_believes_nothing_itself(gunicorn):
    server, trusts = gunicorn
    kept = ["Host: localhost", f"Authorization: Bearer {server.token}"]
    with wire_to(server.port) as wire:

        def links(*headers):
            answer = wire.ask(f"GET {PREFIX}/leads HTTP/1.1", *kept, *headers)
            assert answer.status == 200
            return answer.data["meta"]["path"].removesuffix(f"{PREFIX}/leads")

        for header in (
            *("SCRIPT_NAME: //evil.example", "SCRIPT_NAME: /crm", "Script_Name: /crm/api", "PATH_INFO: /nothing"),
            *("X-Forwarded-Ssl: on", "X-Forwarded-Protocol: ssl", "X_Forwarded_Proto: https", "REMOTE_USER: root"),
        ):
            assert links(header) == "http://localhost"
        assert links("X-Forwarded-Ssl: on", "X-Forwarded-Proto: http") == "http://localhost"
        assert links("X-Forwarded-Proto: https") == ("https://localhost" if trusts else "http://localhost")
        assert links("X-Forwarded-Prefix: /crm-app") == ("http://localhost/crm-app" if trusts else "http://localhost")
        assert links("X-Forwarded-Prefix: //evil.example") == "http://localhost"


def test_no_header_leads_from_the_root_to_elsewhere(gunicorn):
    server, _ = gunicorn
    with wire_to(server.port) as wire:
        for header in ("SCRIPT_NAME: //evil.example", "X-Forwarded-Prefix: //evil.example", "PATH_INFO: //evil"):
            assert wire.ask("GET / HTTP/1.1", "Host: localhost", header).headers["Location"] == DOCS
