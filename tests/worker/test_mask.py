"""mask: pixel filters draw what is missing; a label picture from elsewhere replaces it once it was read."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest

from segmentation.errors import DataError
from segmentation.label_files import read_labels
from tests import drawn
from tests.worker.curation import approve_all, curator, hand_in, new_dataset
from webapp.common.storage import absolute
from webapp.datasets.models import Sample
from webapp.datasets.services import labels_replace_request, mask_request
from webapp.jobs.models import Job, State
from worker import decoder
from worker.runner import run_next

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture(autouse=True, scope="module")
def closed_decoder() -> Iterator[None]:
    yield
    decoder.shared().close()


def bare_sample() -> Sample:
    dataset = new_dataset()
    hand_in(dataset, {"a.png": drawn.picture(1)})
    return dataset.samples.get()


def replaced(sample: Sample, content: bytes) -> Job:
    job = labels_replace_request(sample=sample, user=curator(), chunks=[content])
    assert run_next("pictures")
    sample.refresh_from_db()
    job.refresh_from_db()
    return job


def test_filters_draw_the_mask_of_a_picture_that_came_without() -> None:
    sample = bare_sample()
    job = mask_request(sample=sample, user=curator())
    assert run_next("pictures")
    sample.refresh_from_db()
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED
    assert (sample.origin, sample.review, sample.mask_job) == ("pipeline", "waiting", job)
    assert sample.labels and sample.outlines
    labels = read_labels(absolute(sample.labels.path))
    assert labels.shape == (drawn.SIDE, drawn.SIDE)
    assert sample.nuclei_count == len(np.unique(labels)) - 1 > 0
    truth = drawn.field(1)[1] > 0
    both, either = np.count_nonzero(truth & (labels > 0)), np.count_nonzero(truth | (labels > 0))
    assert both / either > 0.6
    polygons = json.loads(absolute(sample.outlines.path).read_bytes())["outlines"]
    assert len(polygons) == sample.nuclei_count
    assert approve_all(sample.dataset) == 1


def test_a_label_picture_drawn_elsewhere_takes_the_masks_place() -> None:
    sample = bare_sample()
    assert replaced(sample, drawn.label_picture(1)).state == State.SUCCEEDED
    assert (sample.origin, sample.nuclei_count) == ("edited", drawn.nuclei(1))
    assert sample.labels
    np.testing.assert_array_equal(read_labels(absolute(sample.labels.path)), drawn.field(1)[1])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (drawn.encoded(np.zeros((9, 9), np.uint16)), "mask_size"),
        (drawn.label_picture(1)[:-40], "labels_unreadable"),
    ],
)
def test_labels_that_do_not_fit_leave_the_mask_as_it_was(content: bytes, code: str) -> None:
    sample = bare_sample()
    replaced(sample, drawn.label_picture(1))
    before = sample.labels_id
    job = replaced(sample, content)
    assert (job.state, job.error_code, job.error_params["name"]) == (State.FAILED, code, "a.png")
    assert (sample.labels_id, sample.origin) == (before, "edited")


def test_only_png_and_tiff_are_labels_and_an_approved_mask_stays() -> None:
    sample = bare_sample()
    for content in (b"", b"text", drawn.encoded(drawn.field(1)[0], "JPEG")):
        with pytest.raises(DataError) as caught:
            labels_replace_request(sample=sample, user=curator(), chunks=[content])
        assert caught.value.code == "labels_format"
    replaced(sample, drawn.label_picture(1))
    approve_all(sample.dataset)
    with pytest.raises(DataError) as caught:
        labels_replace_request(sample=sample, user=curator(), chunks=[drawn.label_picture(1)])
    assert caught.value.code == "mask_of_approved"


def test_of_two_masks_asked_for_the_later_one_stays() -> None:
    sample = bare_sample()
    mask_request(sample=sample, user=curator())
    labels_replace_request(sample=sample, user=curator(), chunks=[drawn.label_picture(1)])
    while run_next("pictures"):
        pass
    sample.refresh_from_db()
    assert sample.origin == "edited"
