"""What people take with them: a CSV, the labels, the overlay, each saying what it is and whence."""

from __future__ import annotations

import csv
import io
import struct
import zlib
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.rows import DIGEST, analyse, make_case, make_image, make_version, prepare
from webapp.accounts.models import Clinic
from webapp.analyses.labelled import text_chunk
from webapp.analyses.models import Analysis
from webapp.common.spreadsheets import plain
from webapp.common.storage import absolute


@pytest.fixture
def analysis(clinic: Clinic) -> Analysis:
    image = make_image(make_case(clinic), name="campo ñ 🔬.png")
    return analyse(prepare(image), make_version())


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def table(client: Client, analysis: Analysis) -> list[dict[str, str]]:
    content = body(client.get(reverse("nuclei_csv", args=[analysis.pk])))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_csv_names_its_units_and_says_what_it_is_for(alice_client: Client, analysis: Analysis) -> None:
    rows = table(alice_client, analysis)
    assert [row["id"] for row in rows] == ["1", "2"]
    assert [row["area_px2"] for row in rows] == ["100.00", "50.00"]
    assert rows[0]["equivalent_diameter_px"] == "11.28"
    assert [row["touches_edge"] for row in rows] == ["0", "1"]
    for row in rows:
        assert row["model_sha256"] == DIGEST
        assert row["model"] == "nuclei 1"
        assert row["picture"] == "campo ñ 🔬.png"
        assert "research use, not a diagnosis" in row["notice"]
        assert "no es un diagnóstico" in row["notice"]


def test_with_a_calibration_the_csv_is_in_micrometres(alice_client: Client, analysis: Analysis) -> None:
    analysis.image.biopsy.um_per_px = 0.5
    analysis.image.biopsy.save()
    first = table(alice_client, analysis)[0]
    assert first["area_um2"] == "25.00"
    assert first["perimeter_um"] == "18.00"
    assert first["x_px"] == "10.0"
    assert first["circularity"] == "0.970"
    assert first["um_per_px"] == "0.5"
    assert "area_px2" not in first


def test_a_name_is_never_a_formula(alice_client: Client, analysis: Analysis) -> None:
    analysis.image.original_name = "=cmd|' /C calc'!A0.png"
    analysis.image.save()
    assert table(alice_client, analysis)[0]["picture"].startswith("'=")
    assert plain("campo.png") == "campo.png"


def test_downloads_have_names_that_say_what_they_are(alice_client: Client, analysis: Analysis) -> None:
    answer = alice_client.get(reverse("nuclei_csv", args=[analysis.pk]))
    said = answer["Content-Disposition"]
    assert said.startswith("attachment;")
    assert 'filename="campo  _nuclei_nuclei-1_research-use.csv"' in said
    assert "filename*=UTF-8''campo%20%C3%B1%20%F0%9F%94%AC_nuclei_nuclei-1_research-use.csv" in said
    assert body(answer)


@pytest.mark.parametrize("what", ["labels", "overlay"])
def test_a_png_carries_the_sentence_inside_and_keeps_its_pixels(
    alice_client: Client, analysis: Analysis, what: str
) -> None:
    answer = alice_client.get(reverse(f"{what}_file", args=[analysis.pk]))
    content = body(answer)
    assert int(answer["Content-Length"]) == len(content)
    chunks = png_chunks(content)
    original = png_chunks(absolute(getattr(analysis, what).path).read_bytes())
    assert [chunk for chunk in chunks if chunk[0] != b"iTXt"] == original
    (words,) = [chunk[1].decode() for chunk in chunks if chunk[0] == b"iTXt"]
    assert "not a diagnosis" in words and DIGEST in words


def png_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and body of every chunk; each checksum must hold."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = [], 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, inside = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack(">I", content[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            kind + inside
        )
        found.append((kind, inside))
        at += 12 + length
    return found


def test_text_of_any_language_fits_into_a_chunk() -> None:
    kind, inside = png_chunks(b"\x89PNG\r\n\x1a\n" + text_chunk("Comment", "médula 🔬"))[0]
    assert kind == b"iTXt"
    assert inside.endswith("médula 🔬".encode())


@pytest.mark.parametrize("name", ["nuclei_csv", "labels_file", "overlay_file"])
def test_before_there_is_a_result_there_is_nothing_to_take(
    alice_client: Client, analysis: Analysis, name: str
) -> None:
    Analysis.objects.update(nuclei=None, labels=None, overlay=None)
    assert alice_client.get(reverse(name, args=[analysis.pk])).status_code == 404


def test_a_file_the_disk_lost_is_not_found(alice_client: Client, analysis: Analysis) -> None:
    for stored in (analysis.labels, analysis.mask_tiles, analysis.outlines):
        assert stored is not None
        absolute(stored.path).unlink()
    mask, outlines = analysis.mask_tiles, analysis.outlines
    assert mask is not None and outlines is not None
    for address in (
        reverse("labels_file", args=[analysis.pk]),
        reverse("mask_tile", args=[analysis.pk, mask.sha256, 0, 0, 0, "jpeg"]),
        reverse("outlines_json", args=[analysis.pk, outlines.sha256]),
    ):
        assert alice_client.get(address).status_code == 404
