"""Which addresses may be called, in every spelling."""

from ipaddress import ip_address, ip_network

import pytest

from crm.webhooks.address import NotCallableError, check, receiver_of
from crm.webhooks.guard import REASONS, Guard, is_public

STRICT = Guard([])
LOOSE = Guard([ip_network("127.0.0.0/8"), ip_network("10.1.0.0/16"), ip_network("fd00::/8")])

SPECIAL = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32"),
    *("::/128", "::1/128", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64"),
    *("2001::/23", "2001::/32", "2001:2::/48", "2001:10::/28", "2001:db8::/32", "2002::/16", "3fff::/20"),
    *("5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
]
"""The networks of the special-purpose registries that are refused, and those of multicast."""

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.215.14",
    "192.0.1.1",
    "100.128.0.1",
    "172.32.0.1",
    "198.20.0.1",
    "223.255.255.254",
]
PUBLIC_6 = ["2606:4700:4700::1111", "2a00:1450:4001::8a", "2001:4860:4860::8888", "2400:cb00::1"]


@pytest.mark.parametrize("network", SPECIAL)
def test_every_address_of_a_special_network_is_refused(network: str) -> None:
    found = ip_network(network)
    for address in (found[0], found[-1], found[found.num_addresses // 2]):
        assert not is_public(address)
        assert not STRICT.permits(address, encrypted=True)


def test_every_network_has_a_reason_and_none_is_forgotten() -> None:
    assert all(REASONS.values())
    listed = [ip_network(text) for text in REASONS]
    for text in SPECIAL:
        network = ip_network(text)
        assert any(network.version == each.version and network.subnet_of(each) for each in listed)


@pytest.mark.parametrize("address", [*PUBLIC, *PUBLIC_6])
def test_public_addresses_are_not_refused(address: str) -> None:
    assert is_public(ip_address(address))
    assert STRICT.permits(ip_address(address), encrypted=True)
    assert not STRICT.permits(ip_address(address), encrypted=False)
    check(f"https://{f'[{address}]' if ':' in address else address}/x", STRICT)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7F.1", "0177.0.0.1", "017700000001"),
        *("127.0.0.1.", "127.1.", "2130706433.", "0", "0.0.0.0", "00000000177.0.0.1", "0x7f.0x0.0x0.0x1"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]"),
        *("[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]"),
        *("[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[2606:4700:4700::1111%25lo]", "[ff02::1]", "[fc00::1]"),
        *("169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[::ffff:169.254.169.254]"),
        *("10.0.0.1", "012.1", "167772161", "192.168.1.1", "3232235777", "224.0.0.1", "255.255.255.255"),
    ],
)
def test_an_address_that_is_refused_is_seen_in_every_spelling(host: str) -> None:
    for url in (f"https://{host}/", f"https://{host}:8443/x?y"):
        with pytest.raises(NotCallableError):
            check(url, STRICT)


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "//example.com", "ftp://example.com", "http://example.com", "javascript:alert(1)"),
        *(
            "https://",
            "https:///x",
            "https://user@example.com/",
            "https://user:pw@example.com/",
            "https://@example.com/",
        ),
        *("https://example.com:0/", "https://example.com:65536/", "https://example.com:x/", "https://exa mple.com/"),
        *(
            "https://exämple.com/",
            "https://example.com/ä",
            "https://example.com/\n",
            "https://example.com\\@127.0.0.1/",
        ),
        *("https://127.0.0.1%2f@example.com/", "https://%31%32%37.0.0.1/", "https://[::1", "https://[v1.x]/"),
        *(
            "https://a..b/",
            f"https://{'a' * 254}/",
            "https://\uff11\uff12\uff17.0.0.1/",
            "https://127\u30020\u30020\u30021/",
        ),
    ],
)
def test_what_is_no_url_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(NotCallableError):
        check(url, STRICT)


def test_a_url_is_taken_apart() -> None:
    assert receiver_of("https://Example.com/a?b=c#d") == (True, "Example.com", "Example.com", 443, "/a?b=c")
    assert receiver_of("http://[::1]:8080") == (False, "[::1]:8080", "::1", 8080, "/")


def test_allowed_networks_may_be_called_by_http_too_and_nothing_else() -> None:
    check("http://127.0.0.1:8080/", LOOSE)
    check("https://10.1.2.3/", LOOSE)
    check("http://[fd00::1]/", LOOSE)
    check("http://somewhere.internal/", LOOSE)
    for url in ("http://8.8.8.8/", "https://10.2.0.1/", "https://[::ffff:127.0.0.1]/", "http://[fd00::1%25lo]/"):
        with pytest.raises(NotCallableError):
            check(url, LOOSE)
    assert not LOOSE.permits(ip_address("8.8.8.8"), encrypted=False)
