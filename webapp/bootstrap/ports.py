"""Can the web server open this address? Asked before the long work, not after it."""

from __future__ import annotations

import argparse
import errno
import socket

from webapp.bootstrap.words import Refusal

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000


def address_in(arguments: list[str]) -> tuple[str, int]:
    """Host and port that `start` was given, read as its own parser reads them."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--host", default=DEFAULT_HOST)
    parser.add_argument("--port", default=str(DEFAULT_PORT))
    try:
        known, _ = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return DEFAULT_HOST, DEFAULT_PORT  # the command's own parser will explain what is wrong
    return known.host, port_number(known.port)


def port_number(text: str) -> int:
    """The number a person typed after --port."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise Refusal("port_number", port=text)
    return int(text)


def check_address(host: str, port: int) -> None:
    """Raise Refusal with the reason when `host:port` cannot be listened on; nothing stays open."""
    other = port + 1 if 1024 <= port < 65535 else DEFAULT_PORT
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the web server does: a port that was closed a moment ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except (socket.gaierror, UnicodeError):
        raise Refusal("host_unknown", host=host) from None
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise Refusal("port_forbidden", port=port, other=other) from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise Refusal("host_unknown", host=host) from None
        raise Refusal("port_used", port=port, other=other) from None
