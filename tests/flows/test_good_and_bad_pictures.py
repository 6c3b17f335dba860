"""What laboratories and attackers hand in: the good comes out measured, the bad is refused in words."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from segmentation.errors import sentence
from segmentation.images import read_labels
from segmentation.synthetic import draw_fluorescence
from tests.flows.conftest import make_site, upload
from tests.installation import Installation
from tests.segmentation import pictures

# One drain of all pictures, TensorFlow's loading included, is the first test's.
pytestmark = pytest.mark.timeout(900)
WHOLE, LABELS = draw_fluorescence(5, 200, 240, nuclei=14)
AT_THE_DOOR = {
    "texto.png": (pictures.TEXT, "unknown_format"),
    "vacio.png": (b"", "empty_file"),
    "dibujo.svg": (pictures.SVG, "svg"),
    "animado.gif": (pictures.gif(3), "animated"),
}
IN_THE_WORKER = {
    "cortado.png": (pictures.saved(Image.fromarray(WHOLE), "PNG")[:-900], "damaged"),
    "cortado.jpg": (pictures.saved(Image.fromarray(WHOLE), "JPEG")[:-900], "damaged"),
    "bomba.png": (pictures.png_bomb(), "too_many_pixels"),
    "diminuta.png": (pictures.saved(Image.new("RGB", (5, 5)), "PNG"), "too_small"),
}
GOOD = {
    "campo 🧫.png": pictures.saved(Image.fromarray(WHOLE), "PNG"),
    "16 bits.png": pictures.png16(WHOLE[..., 0].astype(np.uint16) * 16),
    "cmyk.jpg": pictures.saved(Image.fromarray(WHOLE).convert("CMYK"), "JPEG", quality=95),
    "paleta.png": pictures.saved(Image.fromarray(WHOLE).convert("P"), "PNG", transparency=0),
    "girada.jpg": pictures.saved(
        Image.fromarray(np.rot90(WHOLE)), "JPEG", quality=95, exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08"
        b"\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    ),
}  # fmt: skip
DRAIN = "from worker.runner import run_next\nwhile run_next('pictures'): pass"


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, dict[str, str]]]:
    """Everything handed in at once and worked off by one worker's child; refusals at the door beside it."""
    folder = tmp_path_factory.mktemp("flow")
    uploads = folder / "uploads"
    uploads.mkdir()
    content = {name: body for name, (body, _) in {**AT_THE_DOOR, **IN_THE_WORKER}.items()} | GOOD
    for name, body in content.items():
        (uploads / name).write_bytes(body)
    site = make_site(folder)
    refused = upload(site, uploads)
    site.python(DRAIN)
    yield site, refused
    site.kill_all()


def result(site: Installation, name: str) -> dict[str, Any]:
    """One picture's analysis, as its row says."""
    columns = ("nuclei_count", "modality", "um_per_px", "summary", "mask_tiles_info", "image_id")
    rows = site.query(
        f"SELECT {', '.join('a.' + column for column in columns)}, i.width, i.height, i.notes, i.tiles_info"
        " FROM analyses_analysis a JOIN cases_biopsyimage i ON i.id = a.image_id"
        f" WHERE i.original_name = '{name}'"
    )
    assert len(rows) == 1
    return dict(zip((*columns, "width", "height", "notes", "tiles_info"), rows[0], strict=True))


def stored(site: Installation, name: str, table: str, file: str) -> Path:
    """The path of one stored file of a picture."""
    joined = "analyses_analysis" if table == "a" else "cases_biopsyimage"
    on = "a.image_id = i.id" if table == "a" else "a.id = i.id"
    rows = site.query(
        f"SELECT f.path, f.sha256 FROM cases_biopsyimage i JOIN {joined} a ON {on}"
        f" JOIN common_storedfile f ON f.id = a.{file}_id WHERE i.original_name = '{name}'"
    )
    path: Path = site.var / "storage" / rows[0][0]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == rows[0][1]
    return path


Handed = tuple[Installation, dict[str, str]]


def test_what_is_no_picture_is_turned_away_at_the_door(handed_in: Handed) -> None:
    _, refused = handed_in
    assert refused == {name: code for name, (_, code) in AT_THE_DOOR.items()}


@pytest.mark.parametrize("name", IN_THE_WORKER)
def test_a_bad_picture_fails_at_once_with_a_sentence(handed_in: Handed, name: str) -> None:
    site, _ = handed_in
    rows = site.query(
        "SELECT j.state, j.attempt, j.error_code, j.error_params FROM jobs_job j"
        f" JOIN cases_biopsyimage i ON i.prepare_job_id = j.id WHERE i.original_name = '{name}'"
    )
    [(state, attempt, code, params)] = rows
    assert (state, attempt, code) == ("failed", 1, IN_THE_WORKER[name][1])
    for language in ("es", "en"):
        assert "{" not in sentence(code, json.loads(params), language)


def test_no_job_is_stuck_and_none_met_an_unexpected_error(handed_in: Handed) -> None:
    site, _ = handed_in
    assert site.states() == {"succeeded": 2 * len(GOOD), "failed": len(IN_THE_WORKER)}
    assert site.query("SELECT count(*) FROM jobs_job WHERE error_code = 'unexpected'") == [(0,)]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_picture_comes_out_whole(handed_in: Handed, name: str) -> None:
    site, _ = handed_in
    found = result(site, name)
    height, width = WHOLE.shape[:2]
    assert (found["width"], found["height"], found["um_per_px"]) == (width, height, 0.25)
    labels = read_labels(stored(site, name, "a", "labels"))
    assert labels.shape == (height, width) and labels.max() == found["nuclei_count"]
    columns = json.loads(stored(site, name, "a", "nuclei").read_text())["columns"]
    polygons = json.loads(stored(site, name, "a", "outlines").read_text())["outlines"]
    assert {len(values) for values in columns.values()} == {len(polygons)} == {found["nuclei_count"]}
    summary = json.loads(found["summary"])
    assert summary["count"] == found["nuclei_count"]
    with Image.open(stored(site, name, "a", "overlay")) as overlay:
        assert overlay.size == (width, height)


@pytest.mark.parametrize(("table", "file", "kind"), [("i", "tiles", "JPEG"), ("a", "mask_tiles", "PNG")])
def test_the_viewers_tiles_show_the_whole_picture(
    handed_in: Handed, table: str, file: str, kind: str
) -> None:
    site, _ = handed_in
    name = "campo 🧫.png"
    info = json.loads(result(site, name)[f"{file}_info"])
    assert (info["width"], info["height"]) == (WHOLE.shape[1], WHOLE.shape[0])
    member = f"{info['levels'] - 1}/0_0.{info['format']}"
    with (
        zipfile.ZipFile(stored(site, name, table, file)) as archive,
        archive.open(member) as tile,
        Image.open(tile) as picture,
    ):
        assert picture.format == kind
        assert picture.size == (WHOLE.shape[1], WHOLE.shape[0])


def test_the_nuclei_that_were_drawn_are_found(handed_in: Handed) -> None:
    site, _ = handed_in
    found = result(site, "campo 🧫.png")
    assert abs(found["nuclei_count"] - LABELS.max()) <= 0.25 * LABELS.max()
    assert found["modality"] == "fluorescence-dark"


def test_a_turned_picture_is_analysed_upright(handed_in: Handed) -> None:
    site, _ = handed_in
    assert json.loads(result(site, "girada.jpg")["notes"]) == ["oriented"]
    upright = read_labels(stored(site, "campo 🧫.png", "a", "labels")) > 0
    turned = read_labels(stored(site, "girada.jpg", "a", "labels")) > 0
    assert (upright & turned).sum() > 0.8 * (upright | turned).sum()
