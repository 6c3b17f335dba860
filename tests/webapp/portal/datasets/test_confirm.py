"""A prediction that is right."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.curation import (
    client_of,
    make_dataset,
    make_person,
)
from tests.webapp.portal.datasets.reading import text
from tests.webapp.rows import analyse, make_case, make_image, prepare
from tests.webapp.rows import make_version as make_model
from webapp.accounts.models import User
from webapp.datasets.models import Dataset, Sample


@pytest.fixture
def analysis(clinic: Any) -> Any:
    return analyse(prepare(make_image(make_case(clinic))), make_model())


def test_a_right_prediction_becomes_a_sample(
    page: Client, analysis: Any, dataset: Dataset, curator: User
) -> None:
    address = reverse("analysis", args=[analysis.pk])
    assert "This prediction is right" in text(page.get(address))
    confirm = reverse("analysis_confirm", args=[analysis.pk])
    answer = page.post(confirm, {"dataset": dataset.pk})
    assert answer["Location"] == address
    sample = Sample.objects.get()
    assert (sample.analysis_id, sample.origin, sample.review) == (analysis.pk, "analysis", "approved")
    assert "A sample of Nuclei" in text(page.get(address))
    assert reverse("analysis", args=[analysis.pk]) in text(page.get(reverse("sample", args=[sample.pk])))
    for bad in ("", "no id", "00000000-0000-0000-0000-000000000000"):
        assert page.post(confirm, {"dataset": bad}).status_code == 404


def test_another_clinics_analysis_or_data_set_is_not_found(
    analysis: Any, dataset: Dataset, other_clinic: Any, page: Client
) -> None:
    stranger = make_person(other_clinic)
    theirs = make_dataset(stranger)
    address = reverse("analysis_confirm", args=[analysis.pk])
    assert client_of(stranger).post(address, {"dataset": theirs.pk}).status_code == 404
    assert page.post(address, {"dataset": theirs.pk}).status_code == 404
    assert not Sample.objects.exists()
