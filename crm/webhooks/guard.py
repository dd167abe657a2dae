"""Which addresses may be called: whoever can make the server call one can reach what the server reaches.

Refused is what the special-purpose registries of IANA do not call globally reachable, what carries another address, and
what is no single host's. The list is our own, since `ipaddress.is_global` depends on Python's version and calls some of
these global; it is asked besides.

https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REASONS = {
    "0.0.0.0/8": "this host on this network; Linux takes it for the loopback (RFC 791)",
    "10.0.0.0/8": "private (RFC 1918)",
    "100.64.0.0/10": "shared by a carrier's customers (RFC 6598)",
    "127.0.0.0/8": "loopback (RFC 1122)",
    "169.254.0.0/16": "link-local, where clouds serve machines their secrets (RFC 3927)",
    "172.16.0.0/12": "private (RFC 1918)",
    "192.0.0.0/24": "protocol assignments: DS-Lite, PCP, TURN, NAT64 discovery (RFC 6890)",
    "192.0.2.0/24": "documentation (RFC 5737)",
    "192.88.99.0/24": "relays of 6to4, which is deprecated (RFC 7526)",
    "192.168.0.0/16": "private (RFC 1918)",
    "198.18.0.0/15": "measuring of devices (RFC 2544)",
    "198.51.100.0/24": "documentation (RFC 5737)",
    "203.0.113.0/24": "documentation (RFC 5737)",
    "224.0.0.0/4": "multicast (RFC 5771)",
    "240.0.0.0/4": "reserved, with the broadcast address at its end (RFC 1112, RFC 919)",
    "::/96": "unspecified, loopback, and IPv4-compatible, which carry an IPv4 address (RFC 4291)",
    "::ffff:0:0/96": "IPv4-mapped: carries an IPv4 address (RFC 4291)",
    "64:ff9b::/96": "NAT64: carries an IPv4 address, which the translator calls (RFC 6052)",
    "64:ff9b:1::/48": "NAT64 within a network: carries an IPv4 address (RFC 8215)",
    "100::/64": "discarded (RFC 6666)",
    "100:0:0:1::/64": "a dummy for routing (RFC 9780)",
    "2001::/23": "protocol assignments: Teredo, which carries an IPv4 address, benchmarks, ORCHID (RFC 2928)",
    "2001:db8::/32": "documentation (RFC 3849)",
    "2002::/16": "6to4: carries an IPv4 address (RFC 3056)",
    "3fff::/20": "documentation (RFC 9637)",
    "5f00::/16": "segment routing's own identifiers (RFC 9602)",
    "fc00::/7": "unique local: private (RFC 4193)",
    "fe80::/10": "link-local (RFC 4291)",
    "fec0::/10": "site-local: private, deprecated (RFC 3879)",
    "ff00::/8": "multicast (RFC 4291)",
}
"""Each refused network, and why it is."""

UNICAST = IPv6Network("2000::/3")
"""All that IANA has given out for hosts of IPv6."""

_REFUSED = [ip_network(text) for text in REASONS]
_NUMBERS = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}", re.IGNORECASE | re.ASCII)


def is_public(address: Address) -> bool:
    """Tell whether an address is one that everybody can reach, and no other in disguise."""
    if getattr(address, "scope_id", None) or not address.is_global:
        return False
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return False
    return not any(address in network for network in _REFUSED if network.version == address.version)


def literal(host: str) -> Address | None:
    """Return the address that a URL's host is, in whatever spelling the system's resolver takes; None for a name.

    Besides the usual: `2130706433`, `0x7f.1`, `0177.0.0.1`, a dot at the end, a zone. Raises ValueError for brackets
    around what is no address.
    """
    if host.startswith("["):
        return ip_address(host.strip("[]").replace("%25", "%"))
    text = host.rstrip(".")
    if not _NUMBERS.fullmatch(text):
        return None
    return IPv4Address(socket.inet_aton(text))


class Guard:
    """What may be called: what is public, and the networks that the operator allows, these by http, too."""

    def __init__(self, allowed: Sequence[Network]):
        self.allowed = allowed

    def permits(self, address: Address, *, encrypted: bool) -> bool:
        """Tell whether an address may be called, by https or else by http."""
        if not getattr(address, "scope_id", None) and any(
            address in network for network in self.allowed if network.version == address.version
        ):
            return True
        return encrypted and is_public(address)
