"""The names under which this computer answers, for the web server and for the person to type."""

from __future__ import annotations

import socket

import psutil

EVERYWHERE = ("0.0.0.0", "::", "")
LOCAL = ("localhost", "127.0.0.1", "[::1]")


def network_addresses(host: str) -> list[str]:
    """The addresses of this computer that others may reach when it listens on `host`."""
    if host not in EVERYWHERE:
        return []
    families = {socket.AF_INET} if host == "0.0.0.0" else {socket.AF_INET, socket.AF_INET6}
    found = []
    for addresses in psutil.net_if_addrs().values():
        for entry in addresses:
            address = entry.address.partition("%")[0]
            private_to_us = address.startswith(("127.", "169.254.", "fe80:")) or address == "::1"
            if entry.family in families and not private_to_us:
                found.append(in_url(address))
    return sorted(set(found))


def allowed_hosts(host: str) -> list[str]:
    """The Host headers to accept: this computer's own names and addresses, never every name."""
    if host not in EVERYWHERE:
        return sorted({*LOCAL, in_url(host)})
    name = socket.gethostname().lower()
    return sorted({*LOCAL, *network_addresses(host), name, f"{name.partition('.')[0]}.local"})


def in_url(host: str) -> str:
    """The host as a URL spells it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def url(host: str, port: int) -> str:
    """What to type on this computer."""
    return f"http://{in_url('127.0.0.1' if host in EVERYWHERE else host)}:{port}/"
