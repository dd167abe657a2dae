"""Which client an address stands for: an IPv4 address is one, of IPv6 each /64 (contract, section 8)."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import request

_WITH_PORT = re.compile(r"\[(.+)\](?::\d{1,5})?|([\d.]+):\d{1,5}", re.ASCII)


def client_network() -> str:
    """Return what the client of this request counts as: `192.0.2.1`, or `2001:db8::/64`.

    A forwarded address that cannot be read is as none: the peer's counts. A peer without an IP address, at the other
    end of a Unix socket, counts as it is.
    """
    peer = _peer()
    return network_of(request.remote_addr or "") or network_of(peer) or peer


def client_address() -> str:
    """Return the client's own address, by the same rules."""
    peer = _peer()
    address = _address_of(request.remote_addr or "") or _address_of(peer)
    return str(address or peer)


def client_neighbourhood() -> str:
    """Return what the client counts as where one person may have many addresses: `192.0.2.0/24`, or `2001:db8::/64`."""
    network = client_network()
    try:
        return f"{IPv4Address(int(IPv4Address(network)) >> 8 << 8)}/24"
    except ValueError:
        return network


def network_of(text: str) -> str | None:
    """Return the network that an address counts as, None for what is no address.

    Some proxies forward the port, too: `192.0.2.1:5678`, `[2001:db8::1]:80`.
    """
    address = _address_of(text)
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or f"{IPv6Address(int(address) >> 64 << 64)}/64")
    return None if address is None else str(address)


def _peer() -> str:
    """Return the address at the other end of the connection, whatever proxies say."""
    environ = request.environ
    return environ.get("werkzeug.proxy_fix.orig", environ).get("REMOTE_ADDR") or ""


def _address_of(text: str) -> IPv4Address | IPv6Address | None:
    found = _WITH_PORT.fullmatch(text)
    try:
        return ip_address(found[1] or found[2] if found else text)
    except ValueError:
        return None
