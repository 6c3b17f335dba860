"""The job `match`, whole: a real picture, stored masks, and an answer that the page can read."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from segmentation.label_files import write_labels
from segmentation.synthetic import draw_stained
from tests.webapp.rows import analyse, end_job, make_case, make_image, make_sample, make_version, prepare
from webapp.accounts.models import Clinic
from webapp.analyses.matching import matching_request
from webapp.analyses.models import Analysis, Matching
from webapp.common.storage import absolute, file_row, root, store_file
from webapp.datasets.models import Sample
from webapp.jobs.models import Lane, State
from worker.runner import run_next


def field(seed: int) -> tuple[np.ndarray, np.ndarray]:
    return draw_stained(seed=seed, height=220, width=260, nuclei=5)


def as_png(rgb: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, format="PNG")
    return buffer.getvalue()


def label_bytes(folder: Path, labels: np.ndarray) -> bytes:
    return write_labels(folder / "labels", labels).read_bytes()


@pytest.fixture
def analysis(ledger: Path, tmp_path: Path) -> Analysis:
    """A drawn picture with its true labels for an analysis."""
    clinic = Clinic.objects.create(name="Hospital del Norte", slug="norte")
    rgb, labels = field(1)
    done = analyse(prepare(make_image(make_case(clinic), content=as_png(rgb))), make_version())
    stored = store_file(
        clinic_id=clinic.pk,
        source=write_labels(tmp_path / "true", labels),
        media_type="image/png",
        ext=".png",
    )
    done.labels = file_row(clinic_id=clinic.pk, stored=stored)
    done.save()
    return done


def store(clinic: Clinic, folder: Path, seed: int, mirrored: bool = False, **facts: Any) -> Sample:
    rgb, labels = field(seed)
    if mirrored:
        rgb, labels = rgb[:, ::-1].copy(), labels[:, ::-1].copy()
    return make_sample(
        clinic, name=f"{seed}.png", picture=as_png(rgb), labels=label_bytes(folder, labels), **facts
    )


def run(matching: Matching) -> Matching:
    assert run_next(Lane.PICTURES)
    matching.job.refresh_from_db()
    return Matching.objects.get(pk=matching.pk)


def result(matching: Matching) -> dict[str, Any]:
    assert matching.result is not None
    content: dict[str, Any] = json.loads(absolute(matching.result.path).read_bytes())
    return content


def test_the_mirrored_copy_is_found_with_its_class_and_its_crop(analysis: Analysis, tmp_path: Path) -> None:
    copy = store(analysis.clinic, tmp_path, 1, mirrored=True, category="linfocito")
    store(analysis.clinic, tmp_path, 2, origin=Sample.Origin.PIPELINE)
    matching = run(matching_request(analysis=analysis, user=None))
    assert matching.job.state == State.SUCCEEDED
    assert matching.summary["library_pictures"] == 2 and matching.summary["unread"] == 0
    found = result(matching)
    named = [dict(zip(found["columns"], region["matches"][0], strict=True)) for region in found["regions"]]
    assert named and matching.summary["regions"] == len(named)
    pictures = found["pictures"]
    right = [
        pictures[match["picture"]]["sample"] == str(copy.pk) and match["nucleus"] == region["id"]
        for match, region in zip(named, found["regions"], strict=True)
    ]
    assert all(right) and all(match["overlap"] > 0.9 for match in named)
    assert pictures[found["best_pictures"][0]]["category"] == "linfocito"
    sheet = Image.open(io.BytesIO(base64.b64decode(found["sheet"])))
    assert sheet.width == found["sheet_columns"] * found["crop_px"]
    assert max(match["crop"] for match in named) < found["sheet_columns"] * sheet.height // found["crop_px"]


def test_what_was_prepared_is_read_again_and_half_a_file_is_made_anew(
    analysis: Analysis, tmp_path: Path
) -> None:
    store(analysis.clinic, tmp_path, 2)
    first = run(matching_request(analysis=analysis, user=None))
    (kept,) = (root() / "prepared").rglob("*.npz")
    made = kept.stat().st_mtime_ns
    again = run(matching_request(analysis=analysis, user=None, k=3))
    assert kept.stat().st_mtime_ns == made
    kept.write_bytes(kept.read_bytes()[:100])
    third = run(matching_request(analysis=analysis, user=None, k=4))
    assert kept.stat().st_mtime_ns != made
    assert first.summary == again.summary == third.summary


def test_a_stored_picture_that_cannot_be_read_is_counted(analysis: Analysis, tmp_path: Path) -> None:
    store(analysis.clinic, tmp_path, 2)
    make_sample(analysis.clinic, name="rota.png", picture=b"no picture", labels=b"no labels")
    matching = run(matching_request(analysis=analysis, user=None))
    assert matching.job.state == State.SUCCEEDED and matching.summary["unread"] == 1


def test_a_library_without_any_readable_picture_fails_in_words(analysis: Analysis) -> None:
    make_sample(analysis.clinic, picture=b"no picture", labels=b"no labels")
    matching = run(matching_request(analysis=analysis, user=None))
    assert (matching.job.state, matching.job.error_code) == (State.FAILED, "matching_library_unreadable")
    assert matching.result is None


def test_a_picture_without_nuclei_is_answered_with_none(analysis: Analysis, tmp_path: Path) -> None:
    empty = np.zeros((220, 260), np.int32)
    stored = store_file(
        clinic_id=analysis.clinic_id, source=write_labels(tmp_path / "empty", empty), media_type="image/png",
        ext=".png",
    )  # fmt: skip
    analysis.labels = file_row(clinic_id=analysis.clinic_id, stored=stored)
    analysis.save()
    store(analysis.clinic, tmp_path, 2)
    matching = run(matching_request(analysis=analysis, user=None))
    assert matching.job.state == State.SUCCEEDED and result(matching)["regions"] == []
    assert matching.summary["median_score"] is None and result(matching)["sheet"] == ""


def test_a_cancelled_one_writes_nothing(analysis: Analysis, tmp_path: Path) -> None:
    store(analysis.clinic, tmp_path, 2)
    matching = matching_request(analysis=analysis, user=None)
    end_job(matching.job, State.CANCELLED)
    assert not run_next(Lane.PICTURES)
    assert Matching.objects.get().result is None
