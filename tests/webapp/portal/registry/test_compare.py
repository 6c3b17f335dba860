"""A picture read again by another version, and two readings side by side."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.portal.registry.conftest import page
from tests.webapp.rows import analyse, end_job, make_case, make_image, prepare
from webapp.accounts.models import Clinic
from webapp.analyses.models import Analysis
from webapp.cases.models import BiopsyImage
from webapp.registry.models import ModelVersion


@pytest.fixture
def image(clinic: Clinic) -> BiopsyImage:
    return prepare(make_image(make_case(clinic)))


@pytest.fixture
def first(image: BiopsyImage, shipped: ModelVersion) -> Analysis:
    return analyse(image, shipped)


def again(client: Client, analysis: Analysis, version: object) -> object:
    return client.post(reverse("analysis_again", args=[analysis.pk]), {"model_version": str(version)})


def test_it_is_analysed_again_by_the_version_chosen_once(
    alice_client: Client, first: Analysis, better: ModelVersion
) -> None:
    assert "Analyse again with" in page(alice_client.get(reverse("analysis", args=[first.pk])))
    for _ in range(2):
        again(alice_client, first, better.pk)
    (new,) = Analysis.objects.exclude(pk=first.pk)
    assert (new.model_version, new.image) == (better, first.image)
    first.refresh_from_db()
    assert first.nuclei_count == 2
    found = page(alice_client.get(reverse("analysis", args=[first.pk])))
    assert reverse("analysis", args=[new.pk]) in found and "under way" in found
    assert "Compare</a>" not in found


def test_another_clinics_version_or_none_at_all_is_not_found(
    alice_client: Client, first: Analysis, better: ModelVersion, other_clinic: Clinic
) -> None:
    ModelVersion.objects.filter(pk=better.pk).update(clinic=other_clinic)
    for version in (better.pk, "x", ""):
        assert again(alice_client, first, version).status_code == 404  # type: ignore[attr-defined]
    assert Analysis.objects.count() == 1


def test_two_readings_stand_side_by_side_with_their_figures(
    alice_client: Client, first: Analysis, better: ModelVersion
) -> None:
    second = analyse(first.image, better)
    address = reverse("compare", args=[first.image_id])
    found = page(alice_client.get(address, {"a": first.pk, "b": second.pk}))
    facts = json.loads(re.search(r'id="viewer-facts" type="application/json">(.*?)</script>', found)[1])  # type: ignore[index]
    assert [str(side.pk) in address for side, address in zip((first, second), facts["outlines"], strict=True)]
    assert found.count("75") >= 2 and "nuclei 1 · nuclei 2" in found
    assert f"?a={first.pk}&amp;b={second.pk}" in page(alice_client.get(reverse("analysis", args=[first.pk])))
    assert "nuclei 1 · nuclei 2" in page(alice_client.get(address))


def test_what_is_not_two_finished_readings_of_this_picture_is_not_found(
    alice_client: Client, first: Analysis, better: ModelVersion
) -> None:
    address = reverse("compare", args=[first.image_id])
    assert alice_client.get(address).status_code == 404
    second = analyse(first.image, better)
    assert alice_client.get(address, {"a": "x"}).status_code == 404
    end_job(second.job, "failed")
    assert alice_client.get(address, {"b": str(second.pk)}).status_code == 404


def test_trying_again_on_the_page_of_an_older_reading_means_that_one(
    alice_client: Client, first: Analysis, better: ModelVersion
) -> None:
    newer = analyse(first.image, better)
    end_job(first.job, "failed")
    page_of_first = page(alice_client.get(reverse("analysis", args=[first.pk])))
    assert f'name="analysis" value="{first.pk}"' in page_of_first
    act = reverse("picture_act", args=[first.image_id, "retry"])
    alice_client.post(act, {"back": "analysis", "analysis": str(first.pk)})
    first.job.refresh_from_db()
    newer.job.refresh_from_db()
    assert (first.job.state, newer.job.state) == ("queued", "succeeded")
    assert alice_client.post(act, {"analysis": "x"}).status_code == 404
