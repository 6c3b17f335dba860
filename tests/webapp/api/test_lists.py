"""Lists cost the same number of questions however many rows they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from tests.webapp.registry.rows import (
    add_sample,
    freeze,
    job_of,
    make_candidate,
    make_dataset,
    make_evaluation,
    rows,
)
from tests.webapp.rows import analyse, make_case, make_image, make_version, png, prepare
from webapp.analyses.batches import batch_add_picture, batch_create
from webapp.datasets.imports import import_request
from webapp.registry.models import ModelVersion

Check = Callable[..., dict[str, Any]]
LISTS = (
    "patients/", "cases/", "biopsies/", "images/", "analyses/", "batches/", "jobs/", "datasets/", "samples/",
    "imports/", "dataset-versions/", "runs/", "evaluations/", "model-versions/", "batches/{batch}/items/",
    "batches/{batch}/table/", "batches/{batch}/table.csv",
)  # fmt: skip


def one_more(clinic: Any, user: Any, batch: Any, number: int) -> None:
    """A row of every kind."""
    case = make_case(clinic, patient_code=f"P-{number}")
    analyse(prepare(make_image(case, content=png(3 + number, 3))), ModelVersion.objects.get(clinic=None))
    batch_create(biopsy=case.biopsies.get(), user=user, name=f"{number}")
    batch_add_picture(batch=batch, name="a.png", chunks=[png(40 + number, 4)], user=user)
    dataset = make_dataset(clinic, f"Frotis {number}")
    add_sample(dataset, "a")
    import_request(dataset=dataset, user=user, name="a.zip", chunks=[b"PK\x05\x06" + bytes(18)])
    version = freeze(dataset)
    make_evaluation(make_candidate(version, 10 + number), version, rows((0.8, 0.6, 0.9)))
    job_of(clinic, "train", "queued")


def test_no_list_asks_more_questions_for_more_rows(alice: Any, full_api: Client) -> None:
    make_version()
    batch = batch_create(biopsy=make_case(alice.clinic).biopsies.get(), user=alice, name="all")
    one_more(alice.clinic, alice, batch, 0)

    def questions() -> dict[str, int]:
        found = {}
        for name in LISTS:
            with CaptureQueriesContext(connection) as asked:
                answer = full_api.get(f"/api/v1/{name.format(batch=batch.pk)}")
                b"".join(getattr(answer, "streaming_content", ()))
            assert answer.status_code == 200, name
            found[name] = len(asked)
        return found

    questions()  # the token's first use is written
    few = questions()
    for number in range(1, 4):
        one_more(alice.clinic, alice, batch, number)
    many = questions()
    assert {name: (few[name], many[name]) for name in LISTS if many[name] > few[name] + 1} == {}
    assert max(many.values()) < 15


@pytest.mark.parametrize("address", ["schema/", "docs/"])
def test_the_document_is_not_made_without_end_for_visitors(
    address: str, client: Client, settings: Settings, db: None
) -> None:
    settings.MEDULA_API_VISITOR_RATE = 2
    states = [client.get(f"/api/v1/{address}").status_code for _ in range(6)]
    assert states[:1] == [200] and 429 in states
