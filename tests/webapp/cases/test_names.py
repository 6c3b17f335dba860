from __future__ import annotations

import pytest

from webapp.cases.names import LONGEST, clean_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("campo 7.tif", "campo 7.tif"),
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\fotos\\médula 🔬.png", "médula 🔬.png"),
        ("👩\u200d🔬 campo.jpg", "👩\u200d🔬 campo.jpg"),
        ("gpj.\u202etxt.png", "gpj.txt.png"),
        ("a\x00b\r\nc.png", "abc.png"),
        ("cafe\u0301.png", "café.png"),
        ("", "picture"),
        ("..", "picture"),
        ("/", "picture"),
    ],
)
def test_a_name_keeps_what_people_read_and_loses_what_machines_misread(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


def test_a_long_name_keeps_its_ending() -> None:
    cleaned = clean_name("ñ" * 500 + ".tiff")
    assert len(cleaned) == LONGEST
    assert cleaned.endswith("ñ.tiff")
