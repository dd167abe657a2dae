"""What is sent in the hope that something breaks: bodies, values, ids, keys, queries, headers, tokens."""

from collections.abc import Iterable

from tests.support.client import UNKNOWN

DEEP = b"[" * 500 + b"]" * 500
BODIES = [
    *(
        b"",
        b"\0",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[[[[",
        b'{"a": NaN}',
        b'{"a": 1e400}',
        b"{}" * 1000,
        b'{"": ""}',
        b"{}",
    ),
    *(
        b'{"a": ' + DEEP + b"}",
        b'{"a": ' + b"9" * 4000 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1e99999999999999999999}',
    ),
    *(b'{"__proto__": {}, "constructor": 1, "self": 2, "title": {"$ne": 1}}', b'{"\\ud800": "\\udfff", "\\u0000": 1}'),
    *(
        b'{"id": "x", "id": 1}',
        b'{"labels": [[[]]], "line_items": {"0": {}}}',
        b'{"line_items": [1, null, [], {"id": 5}]}',
    ),
    *(b'{"labels": ' + DEEP + b', "line_items": ' + DEEP + b"}", b'{"email": ["x"], "password": {}, "device_name": 1}'),
    b'{"email": "\\u0000", "password": "\\ud800", "device_name": "\\u0000"}',
]
VALUES = [
    *('"\\u0000"', '"\\ud800"', '"%s %d {0} {}"', '"\'; DROP TABLE leads; --"', '"' + "x" * 10000 + '"', '"\\u202e"'),
    *("NaN", "1e400", "-1e400", "1e999999999", "-1e999999999", "1e-999999999", "1e99999999999999999999", "-0.0"),
    *("9" * 30, "9" * 5000, '"' + "9" * 5000 + '"', "2147483648", "-2147483649", "9223372036854775808", "1.5"),
    *("true", "null", "[]", "{}", "[null]", "[[]]", "[{}]", '{"id": 1}', "[true, 1, 1e400]", DEEP.decode()),
    *(f'"{UNKNOWN}"', f'["{UNKNOWN}"]', '"0000-00-00T00:00:00Z"', '"9999-12-31T23:59:59-23:59"', '"0001-01-01"'),
    *('"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"', '"2026-01-01T00:00:00+99:99"', '"-"', '"--1"', '"."'),
]
IDS = [
    *(
        "0",
        "-1",
        "null",
        "undefined",
        "%00",
        "%FF",
        "%ED%A0%80",
        "..",
        "%2e%2e%2fusers",
        "%2F",
        "%5C",
        "*",
        "%25",
        "%0A",
    ),
    *("'%20OR%201=1--", "x" * 5000, f"{UNKNOWN}%00", f"{UNKNOWN}%20", f"{UNKNOWN};", f"%7B{UNKNOWN}%7D", UNKNOWN[:-1]),
    *("00000000-0000-4000-8000-00000000000%C2%B2", "%E2%80%AE", "1e3", UNKNOWN.replace("-", ""), f"urn:uuid:{UNKNOWN}"),
]
OWN_KEYS = [
    *(
        "%00",
        "x%00",
        "%ED%A0%80",
        "%FF",
        "x%FF",
        "%2F",
        "x%2F",
        "x//",
        "%2F%2F",
        "%20",
        "%C2%A0",
        "%E2%80%AE",
        "x" * 300,
    ),
    *(
        "..",
        "../..",
        "%2e%2e%2Fusers",
        "%2Fx",
        "//x",
        "x//y",
        "%0A",
        "x%0Ay",
        "x%0D%0AA: b",
        "%5C",
        "%25",
        "%2500",
        "*",
    ),
    *(
        "'%20OR%201=1--",
        "%F0%9F%98%80" * 255,
        "%C3%9F" * 256,
        "{}",
        "%3F%23",
        ";x=1",
        "by",
        "batch/create",
        "1/changes",
    ),
]
"""Keys as they stand in a path, percent-encoded."""
SOURCES = ["%00", "%FF", "%ED%A0%80", "..", "%2F", "%20", "%0A", "A", "x" * 41, "x" * 5000, "%C3%BC", "a%0A", "%2500"]
QUERIES = [
    *("page=%00", "page=%FF&per_page=%ED%A0%80", "&&&===", "=", "%", "%zz=%zz", "?", "page[]=1", "page=1;per_page=2"),
    *(
        f"{name}={value}"
        for name in ("page", "per_page", "user_owner_id", "active")
        for value in ("9" * 5000, "-" + "9" * 30)
    ),
    *(f"{name}=%00" for name in ("sort", "user_owner_id", "active", "nonsense")),
    *(
        "sort=-",
        "sort=password_hash",
        "sort=id;DROP",
        "sort=__class__",
        "user_owner_id=1%20OR%201=1",
        "x=" + "y" * 20000,
    ),
    *("&".join(f"p{number}=1" for number in range(3000)), "page=9223372036854775807&per_page=100", "page=2147483647"),
    *("page=9223372036854775808", "a=%3Cscript%3E&b=%22%27", "user_owner_id=%C2%B2", "page=%C2%B2", "per_page=1e400"),
]
QUESTIONS = [
    *(f"{name}={value}" for name in ("filter", "filter[]", "filter[a", "filter[a][b][c]") for value in ("", "1")),
    *(
        f"filter[{field}]={value}"
        for field in ("id", "version", "created_at", "labels", "external_keys.erp", "external_keys.%00", "%F0%9F%98%80")
        for value in ("%00", "%FF", "%ED%A0%80", "9" * 4000, "-" + "9" * 400, "1e400", "' OR 1=1", "%5C%25_", "")
    ),
    *(
        f"{name}={value}"
        for name in ("cursor", "fields", "search", "count", "include")
        for value in ("%00", "%FF", "'")
    ),
    *("search=" + "%F0%9F%98%80" * 201, "search=%25_%5C", "fields=" + ",".join("id" for _ in range(3000))),
    "&".join(f"filter[version][ne]={number}" for number in range(3000)),
    "&".join(f"filter[f{number}]=1" for number in range(300)),
    "filter[id][in]=" + "," * 3000,
    "sort=" + ",".join(["id", "-version"] * 1000),
]
"""What lists are strict about, with names and values that are none."""
HEADERS = [
    *({"Accept": accept} for accept in ("x", "*/*;q=x", "text/html", ",,,;;;", "a" * 5000, "\xff")),
    *({"X-Team-ID": team} for team in ("x", "0", "-1", "9" * 5000, "\xb2", "")),
    *({"Content-Type": kind} for kind in (";", "application/json; charset=nonsense", "\xff", "x" * 5000)),
    *({"X-Forwarded-For": "' OR 1=1", "X-Forwarded-Host": "evil"}, {"X-HTTP-Method-Override": "DELETE"}),
    *({"Cookie": "session=x; ;;=\xff"}, {"If-None-Match": "*"}, {"Range": "bytes=0-1"}, {"User-Agent": "\xff" * 300}),
    *({"Expect": "nonsense"}, {"Content-Encoding": "gzip"}, {"If-Modified-Since": "x"}, {"Accept-Charset": "utf-16"}),
]
TOKENS = [
    *("", "Bearer", "Bearer ", "Bearer |", "Bearer 1|", "Bearer x|" + "a" * 43, "Basic dTpw", "Bearer 1|" + "a" * 100),
    *("Bearer 0|" + "a" * 50, "Bearer -1|" + "a" * 50, "Bearer " + "9" * 30 + "|" + "a" * 50, "Bearer 1|" + "é" * 50),
    *(
        "Bearer 1|" + "a" * 50 + "." + "b" * 43,
        "bearer",
        "Digest x=",
        "Bearer \xb2|" + "a" * 50,
        "Bearer " + "x" * 10000,
    ),
]


def body_of(names: Iterable[str], value: str) -> str:
    """Return the text of a body that gives each of these fields a value, which need not be JSON."""
    fields = ", ".join(f'"{name}": {value}' for name in names)
    return f"{{{fields}}}"
