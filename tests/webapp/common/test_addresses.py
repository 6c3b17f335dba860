"""Under which names the web server answers: this computer's own, never any name at all."""

from __future__ import annotations

import socket

from webapp.common.addresses import allowed_hosts, network_addresses, url


def test_on_this_computer_only_its_local_names_are_allowed() -> None:
    assert allowed_hosts("127.0.0.1") == ["127.0.0.1", "[::1]", "localhost"]
    assert network_addresses("127.0.0.1") == []


def test_one_chosen_address_is_allowed_beside_the_local_names() -> None:
    assert allowed_hosts("192.168.1.7") == ["127.0.0.1", "192.168.1.7", "[::1]", "localhost"]


def test_open_to_the_network_the_computers_own_addresses_are_allowed() -> None:
    hosts = allowed_hosts("0.0.0.0")
    assert set(network_addresses("0.0.0.0")) | {"localhost", socket.gethostname().lower()} <= set(hosts)
    assert "*" not in hosts
    for address in network_addresses("0.0.0.0"):
        with socket.create_server((address, 0)):
            pass  # it is really an address of this computer


def test_a_url_can_be_typed() -> None:
    assert url("0.0.0.0", 8000) == "http://127.0.0.1:8000/"
    assert url("::1", 8000) == "http://[::1]:8000/"
    assert url("192.168.1.7", 80) == "http://192.168.1.7:80/"
