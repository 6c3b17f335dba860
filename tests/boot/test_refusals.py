"""Whatever the person has to put right is said in one sentence, with exit status 1 and no traceback."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from tests.boot.checkout import Answer, Checkout
from webapp.bootstrap.installer import check_space, explained
from webapp.bootstrap.ports import address_in, check_address
from webapp.bootstrap.words import WORDS, Refusal, language


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def assert_refused(answer: Answer, sentence: str) -> None:
    assert answer.status == 1
    assert sentence in answer.err
    assert "Traceback" not in answer.err + answer.out
    assert len(answer.err.splitlines()) == 1


def unreachable(index: str) -> dict[str, str]:
    return {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_RETRIES": "1", "PIP_INDEX_URL": index}


def test_no_network(empty: Checkout, closed_port: int) -> None:
    index = f"http://127.0.0.1:{closed_port}/simple"
    answer = empty.manage("check", **unreachable(index))
    assert_refused(answer, f"The package index ({index}) could not be reached")
    assert str(empty.root / "var" / "log" / "install.log") in answer.err


def test_no_network_in_spanish_and_without_the_password_of_the_index(
    ready: Checkout, closed_port: int
) -> None:
    ready.lock("1.1")
    index = f"http://maria:s3creto@127.0.0.1:{closed_port}/simple"
    answer = ready.manage("check", **unreachable(index), LC_ALL="es_PA.UTF-8")
    assert_refused(answer, f"No se pudo llegar al índice de paquetes (http://127.0.0.1:{closed_port}/simple)")
    assert "s3creto" not in answer.out + answer.err


def test_a_package_that_is_not_the_one_of_the_lock(ready: Checkout) -> None:
    ready.lock("1.1")
    wheel = next(ready.wheels.glob("django-1.1-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b" ")
    assert_refused(ready.manage("check"), "A downloaded package is not the one requirements/ names")


def test_a_package_the_index_lacks(ready: Checkout) -> None:
    ready.lock("1.1")
    next(ready.wheels.glob("django-1.1-*.whl")).unlink()
    assert_refused(ready.manage("check"), "does not offer what Medula needs: “django==1.1”")


def test_a_port_in_use_is_said_before_the_long_work(empty: Checkout, used_port: int) -> None:
    answer = empty.manage("start", "--port", str(used_port))
    assert_refused(answer, f"Port {used_port} is already in use")
    assert not (empty.root / ".venv").exists()


def test_a_disk_too_full(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"4 GB .* 1\.5 GB"):
        check_space(tmp_path, 4, lambda path: (100, 100, 1_500_000_000))
    check_space(tmp_path, 4, lambda path: (100, 100, 4_000_000_001))


@pytest.mark.parametrize(
    ("output", "key"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
         "disk_full_meanwhile"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", "certificate"),
        ("ReadTimeoutError: HTTPSConnectionPool(host='pypi.org', port=443): Read timed out.", "no_network"),
        ("something nobody has seen before", "install_failed"),
    ],
)  # fmt: skip
def test_pips_words_are_understood(output: str, key: str, tmp_path: Path) -> None:
    assert explained(output, tmp_path / "install.log").key == key


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eighty", "²"])
def test_a_port_that_is_none(port: str) -> None:
    with pytest.raises(Refusal, match="65535"):
        address_in([f"--port={port}"])


@pytest.mark.parametrize("host", ["192.0.2.7", "no such host", "x" * 300])
def test_a_host_that_is_not_this_computer(host: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_address(host, 8000)
    assert caught.value.key == "host_unknown"


def test_the_port_of_a_server_that_has_just_ended_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    check_address("127.0.0.1", port)


def test_help_needs_no_environment(empty: Checkout) -> None:
    for arguments in ([], ["--help"]):
        answer = empty.manage(*arguments)
        assert (answer.status, answer.err) == (0, "")
        assert "manage.py start" in answer.out
    assert not (empty.root / ".venv").exists()


@pytest.mark.parametrize("key", sorted(WORDS))
def test_every_sentence_is_there_in_both_languages(key: str) -> None:
    spanish, english = WORDS[key]
    fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (spanish, english)]
    assert fields[0] == fields[1]
    assert re.sub(r"\W", "", spanish) != re.sub(r"\W", "", english)


@pytest.mark.parametrize(
    ("environ", "spoken"),
    [
        ({}, "es"),
        ({"LANG": "C.UTF-8"}, "es"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "es_PA.UTF-8"}, "es"),
        ({"LANG": "es_ES", "LC_MESSAGES": "en_US"}, "en"),
    ],
)
def test_the_terminal_chooses_the_language(environ: dict[str, str], spoken: str) -> None:
    assert language(environ) == spoken
