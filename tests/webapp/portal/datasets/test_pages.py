"""Who comes in, the list, a new data set."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.curation import (
    client_of,
    make_person,
    make_samples,
    make_version,
)
from tests.webapp.portal.datasets.reading import text
from webapp.accounts.models import User
from webapp.datasets.models import Dataset
from webapp.jobs.models import Job


def pages_of(dataset: Dataset, user: User) -> dict[str, tuple[str, str]]:
    """Every address that shows or changes something of the data set: (method, address)."""
    version = make_version(dataset, user) if dataset.samples.exists() else None
    sample, row = dataset.samples.first(), dataset.imports.first()
    assert version and sample and row
    found = {name: ("get", reverse(name, args=[dataset.pk])) for name in ("dataset", "dataset_review")}
    found |= {name: ("get", reverse(name, args=[dataset.pk])) for name in ("dataset_edit", "dataset_import")}
    found |= {name: ("get", reverse(name, args=[sample.pk])) for name in ("sample", "sample_drawing")}
    for name in ("version", "version_manifest", "version_export"):
        found[name] = ("get", reverse(name, args=[version.pk]))
    found |= {name: ("post", reverse(name, args=[dataset.pk])) for name in ("dataset_freeze",)}
    found["sample_mask"] = ("post", reverse("sample_mask", args=[sample.pk]))
    found["import_act"] = ("post", reverse("import_act", args=[row.pk, "cancel"]))
    found["version_act"] = ("post", reverse("version_act", args=[version.pk, "cancel"]))
    found["dataset_archive"] = ("post", reverse("dataset_archive", args=[dataset.pk]))
    return found


@pytest.fixture
def hers(dataset: Dataset, curator: User) -> dict[str, tuple[str, str]]:
    make_samples(dataset, curator, ["a.png", "b.png", "c.png"])
    return pages_of(dataset, curator)


def test_another_clinics_curator_finds_none_of_it(hers: Any, other_clinic: Any) -> None:
    stranger = client_of(make_person(other_clinic))
    before = list(Job.objects.values())
    for name, (method, address) in hers.items():
        assert getattr(stranger, method)(address).status_code == 404, name
    assert list(Job.objects.values()) == before
    assert Dataset.objects.get().archived_at is None


@pytest.mark.parametrize("role", ["laboratory", "clinician"])
def test_those_who_may_not_curate_are_refused(hers: Any, clinic: Any, role: str) -> None:
    person = client_of(make_person(clinic, role))
    everywhere = {**hers, "datasets": ("get", "/datasets/"), "dataset_new": ("post", "/datasets/new/")}
    for name, (method, address) in everywhere.items():
        assert getattr(person, method)(address).status_code == 403, name
    assert "/datasets/" not in text(person.get("/"))


def test_a_visitor_is_asked_who_they_are(hers: Any, client: Client) -> None:
    for name, (method, address) in hers.items():
        assert getattr(client, method)(address)["Location"].startswith("/accounts/login/"), name


def test_a_curator_finds_all_of_it(hers: Any, page: Client) -> None:
    assert 'href="/datasets/"' in text(page.get("/"))
    for name, (method, address) in hers.items():
        answer = getattr(page, method)(address)
        assert answer.status_code in {200, 302}, name
        b"".join(getattr(answer, "streaming_content", ()))


def test_what_changes_something_is_never_done_by_a_link(hers: Any, page: Client) -> None:
    for name, (method, address) in hers.items():
        if method == "post":
            assert page.get(address).status_code == 405, name


def test_the_empty_list_leads_to_a_first_data_set(page: Client) -> None:
    assert 'href="/datasets/new/"' in text(page.get("/datasets/"))


def test_a_new_data_set_leads_to_its_import(page: Client, clinic: Any) -> None:
    answer = page.post("/datasets/new/", {"name": "Smears", "source": "own", "licence": "CC0"})
    made = Dataset.objects.get()
    assert (made.name, made.source, made.clinic) == ("Smears", "own", clinic)
    assert answer["Location"] == reverse("dataset_import", args=[made.pk])


def test_a_name_that_is_taken_is_told_beside_its_field(page: Client, dataset: Dataset) -> None:
    assert "There is a data set called “Nuclei” already." in text(
        page.post("/datasets/new/", {"name": "Nuclei"})
    )
    assert Dataset.objects.count() == 1


def test_correcting_and_archiving(page: Client, dataset: Dataset) -> None:
    page.post(reverse("dataset_edit", args=[dataset.pk]), {"name": "Nuclei 2", "licence": "CC BY 4.0"})
    dataset.refresh_from_db()
    assert (dataset.name, dataset.licence, dataset.source) == ("Nuclei 2", "CC BY 4.0", "")
    page.post(reverse("dataset_archive", args=[dataset.pk]))
    assert "Nuclei 2" not in text(page.get("/datasets/", follow=True)).split("</header>")[1].split("<main")[0]
    assert 'href="/datasets/new/"' in text(page.get("/datasets/"))
    assert "archived" in text(page.get(reverse("dataset", args=[dataset.pk])))


def test_the_list_counts_samples_and_what_waits(page: Client, dataset: Dataset, curator: User) -> None:
    samples = make_samples(dataset, curator, ["a.png", "b.png", "c.png"])
    page.post(reverse("dataset_review", args=[dataset.pk]), {"ids": [samples[0].pk], "review": "approved"})
    shown = text(page.get("/datasets/"))
    assert '<span class="number">3</span> pictures' in shown
    assert '<span class="number">1</span> approved' in shown
    assert "2 wait for review" in shown
