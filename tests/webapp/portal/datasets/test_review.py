"""The grid of samples, and one of them large."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.curation import (
    make_dataset,
    make_samples,
)
from tests.webapp.portal.datasets.reading import said, text
from tests.webapp.rows import end_job
from webapp.accounts.models import User
from webapp.datasets.models import Dataset
from webapp.jobs.models import Job


def review(page: Client, dataset: Dataset, ids: list[Any], state: str, **changes: str) -> Any:
    address = reverse("dataset_review", args=[dataset.pk])
    return page.post(
        address, {"ids": ids, "review": state, **changes}, headers={"accept": "application/json"}
    )


def test_approving_answers_with_how_each_stands_and_how_many_are_left(
    page: Client, dataset: Dataset, curator: User
) -> None:
    a, b, c = make_samples(dataset, curator, ["a.png", "b.png", "c.png"])
    answer = review(page, dataset, [a.pk, b.pk], "approved").json()
    assert answer["samples"] == {str(a.pk): "approved", str(b.pk): "approved"}
    assert answer["counts"]["waiting"] == 1 and not answer["sentence"]
    c.refresh_from_db()
    a.refresh_from_db()
    assert (a.reviewed_by, c.review) == (curator, "waiting")
    assert review(page, dataset, [a.pk], "waiting").json()["counts"]["waiting"] == 2


def test_without_a_mask_nothing_of_it_is_approved_and_it_says_so(
    page: Client, dataset: Dataset, curator: User
) -> None:
    masked = make_samples(dataset, curator, ["a.png"])[0]
    bare = make_samples(dataset, curator, ["b.png"], masked=False)[0]
    answer = review(page, dataset, [masked.pk, bare.pk], "approved").json()
    assert answer["sentence"].startswith("Nothing was approved: 1 of the chosen samples have no mask (b.png)")
    assert set(answer["samples"].values()) == {"waiting"}


@pytest.mark.parametrize("ids", [[], ["no id"], ["00000000-0000-0000-0000-000000000000"]])
def test_choosing_nothing_changes_nothing(page: Client, dataset: Dataset, ids: list[str]) -> None:
    assert review(page, dataset, ids, "approved").json()["sentence"] == "Choose at least one picture."


def test_an_unknown_review_is_refused(page: Client, dataset: Dataset, curator: User) -> None:
    sample = make_samples(dataset, curator, ["a.png"])[0]
    assert review(page, dataset, [sample.pk], "perfect").json()["sentence"]


def test_samples_of_another_data_set_are_not_reviewed_from_here(
    page: Client, dataset: Dataset, curator: User
) -> None:
    other = make_samples(make_dataset(curator, "Others"), curator, ["a.png"])[0]
    review(page, dataset, [other.pk], "approved")
    other.refresh_from_db()
    assert other.review == "waiting"


def test_a_plain_form_goes_back_where_it_came_from_and_nowhere_else(
    page: Client, dataset: Dataset, curator: User
) -> None:
    sample = make_samples(dataset, curator, ["a.png"])[0]
    address = reverse("dataset_review", args=[dataset.pk])
    form = {"ids": [sample.pk], "review": "approved"}
    assert page.post(address, {**form, "back": f"{address}?page=2"})["Location"] == f"{address}?page=2"
    assert page.post(address, {**form, "back": "https://elsewhere.example/"})["Location"] == address


def test_the_filter_stands_in_the_address_and_pages_hold_sixty(
    page: Client, dataset: Dataset, curator: User
) -> None:
    make_samples(dataset, curator, [f"{i:03d}.png" for i in range(61)])
    make_samples(dataset, curator, ["bare.png"], masked=False, category="blast")
    address = reverse("dataset_review", args=[dataset.pk])
    shown = text(page.get(address))
    assert shown.count('name="ids"') == 60 and "Page 1 of 2" in shown
    assert '<span class="number" id="left">62</span>' in shown
    for query in ("?origin=none", "?category=blast", "?review=waiting&origin=none"):
        shown = text(page.get(address + query))
        assert shown.count('name="ids"') == 1 and "bare.png" in shown
    assert "Everything is reviewed." not in text(page.get(address + "?review=rejected"))
    assert text(page.get(address + "?review=nonsense&page=zz")).count('name="ids"') == 60


def test_the_page_of_a_sample_leads_to_its_neighbours_within_the_filter(
    page: Client, dataset: Dataset, curator: User
) -> None:
    a, b, c = make_samples(dataset, curator, ["a.png", "b.png", "c.png"])
    shown = text(page.get(reverse("sample", args=[b.pk])))
    assert reverse("sample", args=[a.pk]) in shown and reverse("sample", args=[c.pk]) in shown
    assert "BBBC038v1" in shown and "CC0" in shown and "group of b.png" in shown
    review(page, dataset, [a.pk], "approved")
    shown = text(page.get(reverse("sample", args=[b.pk]) + "?review=waiting"))
    assert reverse("sample", args=[a.pk]) not in shown
    assert f"{reverse('sample', args=[c.pk])}?review=waiting" in shown


def test_group_and_class_are_corrected_there(page: Client, dataset: Dataset, curator: User) -> None:
    sample = make_samples(dataset, curator, ["a.png"])[0]
    address = reverse("sample", args=[sample.pk])
    page.post(address, {"group": "patient 7", "category": "hem", "stain": "giemsa"})
    sample.refresh_from_db()
    assert (sample.group, sample.category, sample.stain) == ("patient 7", "hem", "giemsa")
    assert "error" in text(page.post(address, {"group": "", "category": "x"}))
    sample.refresh_from_db()
    assert sample.category == "hem"


def test_a_mask_is_drawn_when_asked_for_and_the_page_waits_for_it(
    page: Client, dataset: Dataset, curator: User
) -> None:
    sample = make_samples(dataset, curator, ["a.png"], masked=False)[0]
    page.post(reverse("sample_mask", args=[sample.pk]))
    job = Job.objects.get(kind="mask")
    fragment = page.get(reverse("sample_drawing", args=[sample.pk]))
    assert "In the queue, number 1" in text(fragment) and "HX-Refresh" not in fragment
    end_job(job)
    assert page.get(reverse("sample_drawing", args=[sample.pk]))["HX-Refresh"] == "true"


def test_the_mask_of_an_approved_sample_stays(page: Client, dataset: Dataset, curator: User) -> None:
    sample = make_samples(dataset, curator, ["a.png"])[0]
    review(page, dataset, [sample.pk], "approved")
    answer = page.post(reverse("sample_mask", args=[sample.pk]))
    assert "a.png is approved and its mask is not changed." in said(answer)
    assert not Job.objects.filter(kind="mask").exists()
