"""Many files join a batch in a few statements: while they are written, nobody else writes to the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from segmentation.errors import PictureRefused
from tests.webapp.rows import make_case, make_image, make_version, png, prepare
from webapp.analyses.batches import Taken, batch_create, batch_join
from webapp.analyses.models import Analysis, Batch
from webapp.common.storage import Stored, store_bytes
from webapp.jobs.models import Job


def stored(number: int) -> Stored:
    """A picture whose file need not be there."""
    return Stored(sha256=f"{number:064x}", bytes=1, path=f"files/1/{number:064x}.png", media_type="image/png")


@pytest.fixture
def batch(alice: Any) -> Batch:
    return batch_create(biopsy=make_case(alice.clinic).biopsies.get(), user=alice, name="lote")


def test_a_thousand_files_ask_a_few_questions(batch: Batch, alice: Any) -> None:
    taken = [Taken(f"{n}.png", stored=stored(n)) for n in range(800)]
    taken += [Taken(f"{n}.txt", refusal=PictureRefused("unknown_format")) for n in range(200)]
    with CaptureQueriesContext(connection) as asked:
        items = batch_join(batch=batch, taken=taken, user=alice)
    assert len(asked) < 100
    assert [item.name for item in batch.items.all()] == [one.name for one in taken]
    assert [item.position for item in items] == list(range(1, 1001))
    images = [item.image for item in items if item.image is not None]
    assert [image.position for image in images] == list(range(1, 801))
    jobs = [image.prepare_job for image in images]
    assert all(job and job.payload == {"image_id": str(i.pk)} for i, job in zip(images, jobs, strict=True))
    assert list(Job.objects.order_by("queued_at", "id")) == jobs
    assert batch_join(batch=batch, taken=taken, user=alice) == items
    assert (batch.items.count(), Job.objects.count()) == (1000, 800)


def test_the_same_bytes_under_two_names_are_one_picture_of_the_first_name(batch: Batch, alice: Any) -> None:
    taken = [
        Taken("a.png", stored=stored(1)),
        Taken("b.png", stored=stored(2)),
        Taken("c.png", stored=stored(1)),
    ]
    a, b, c = batch_join(batch=batch, taken=taken, user=alice)
    assert (a.name, b.name, c) == ("a.png", "b.png", a)
    assert [item.image.original_name for item in (a, b) if item.image] == ["a.png", "b.png"]


def test_pictures_that_were_prepared_before_are_analysed_at_once(batch: Batch, alice: Any) -> None:
    make_version()
    content = png(30, 30)
    image = prepare(make_image(batch.biopsy.case, content=content))
    kept = store_bytes(clinic_id=alice.clinic_id, content=content, media_type="image/png", ext=".png")
    batch_join(batch=batch, taken=[Taken("x.png", stored=kept), Taken("y.png", stored=stored(3))], user=alice)
    assert Analysis.objects.get().image == image
