"""The admin: who comes in, what they see, what they may do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.functional import Promise

from tests.webapp.curation import (
    client_of,
    make_dataset,
    make_import,
    make_person,
    make_samples,
    make_version,
)
from tests.webapp.rows import end_job
from tests.webapp.rows import make_version as make_model
from webapp.accounts.models import User
from webapp.datasets.models import Dataset, Sample
from webapp.jobs.models import Job, State
from webapp.portal.admin.labels import label_of
from webapp.registry.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(clinic: Any) -> User:
    return make_person(clinic)


@pytest.fixture
def page(curator: User) -> Client:
    return client_of(curator)


@pytest.fixture
def dataset(curator: User) -> Dataset:
    return make_dataset(curator)


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def lists() -> dict[str, str]:
    """The address of every list the admin has."""
    models = {model._meta.label_lower.replace(".", "_"): model for model in admin.site._registry}
    return {label: reverse(f"admin:{label}_changelist") for label in models}


def act(page: Client, model: str, action: str, *ids: Any) -> str:
    address = reverse(f"admin:{model}_changelist")
    return text(page.post(address, {"action": action, "_selected_action": list(ids)}, follow=True))


# Who comes in


def test_a_visitor_is_led_to_the_one_sign_in_page(client: Client) -> None:
    answer = client.get("/admin/datasets/sample/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/admin/datasets/sample/"


@pytest.mark.parametrize("role", ["laboratory", "clinician"])
def test_those_who_may_not_curate_stay_outside(clinic: Any, role: str) -> None:
    client = client_of(make_person(clinic, role))
    for address in ["/admin/", *lists().values()]:
        assert client.get(address, follow=True).status_code == 403, address
    assert "/admin/" not in text(client.get("/"))


def test_nor_one_who_was_shut_out_or_has_only_djangos_staff_mark(clinic: Any) -> None:
    staff = client_of(make_person(clinic, "laboratory", is_staff=True))
    assert staff.get("/admin/", follow=True).status_code == 403
    gone = make_person(clinic, "curator", username="gone")
    client = client_of(gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_curator_opens_every_list_but_those_of_people(
    curator: User, dataset: Dataset, language: str
) -> None:
    make_samples(dataset, curator, ["a.png", "b.png", "c.png"])
    make_version(dataset, curator)
    page = client_of(curator, language)
    assert 'href="/admin/"' in text(page.get("/"))
    text(page.get("/admin/"))
    for label, address in lists().items():
        answer = page.get(address)
        assert answer.status_code == (403 if label in {"accounts_user", "accounts_clinic"} else 200), label


def test_who_maintains_the_installation_sees_every_clinic(dataset: Dataset, other_clinic: Any) -> None:
    make_dataset(make_person(other_clinic), "Southern set")
    root = User.objects.create_superuser("root", password="correct-horse-9")
    shown = text(client_of(root).get("/admin/datasets/dataset/"))
    assert "Nuclei" in shown and "Southern set" in shown


def test_leaving_and_passwords_are_the_sites_own(page: Client) -> None:
    assert page.get("/admin/password_change/")["Location"] == reverse("account_change_password")
    assert page.post("/admin/logout/")["Location"] == reverse("account_login")
    assert page.get("/admin/").status_code == 302


# Walls


def test_another_clinics_rows_are_nowhere(dataset: Dataset, curator: User, other_clinic: Any) -> None:
    sample = make_samples(dataset, curator, ["a.png", "b.png", "c.png"], category="monoblast")[0]
    version = make_version(dataset, curator)
    model = make_model(clinic=dataset.clinic, version=7, digest="own")
    notice = Notice.objects.create(clinic=dataset.clinic, code="unexpected", params={"error_id": "x"})
    stranger = make_person(other_clinic, "administrator")
    page = client_of(stranger)
    for label, address in lists().items():
        shown = text(page.get(address))
        assert "Nuclei" not in shown and "monoblast" not in shown and "nuclei 7" not in shown, label
    rows = {
        "datasets_dataset": dataset, "datasets_sample": sample, "datasets_datasetversion": version,
        "datasets_datasetimport": sample.dataset_import, "jobs_job": version.job,
        "registry_modelversion": model, "registry_notice": notice, "accounts_user": curator,
        "accounts_clinic": dataset.clinic,
    }  # fmt: skip
    for label, row in rows.items():
        for view in ("change", "history"):
            answer = page.get(reverse(f"admin:{label}_{view}", args=[row.pk]))
            assert answer.status_code == 302 and answer["Location"] == "/admin/", (label, view)
    act(page, "datasets_sample", "reject", sample.pk)
    act(page, "jobs_job", "retry", version.job_id)
    sample.refresh_from_db()
    assert sample.review == "approved"


def test_nothing_is_made_or_deleted_here(page: Client, dataset: Dataset, clinic: Any) -> None:
    boss = client_of(make_person(clinic, "administrator"))
    for label in lists():
        assert boss.get(reverse(f"admin:{label}_add")).status_code == 403, label
    assert (
        boss.post(reverse("admin:datasets_dataset_delete", args=[dataset.pk]), {"post": "yes"}).status_code
        == 403
    )
    act(boss, "datasets_dataset", "delete_selected", dataset.pk)
    assert Dataset.objects.filter(pk=dataset.pk).exists()


# Data sets and samples


def test_a_data_set_is_corrected_by_its_service(page: Client, dataset: Dataset, curator: User) -> None:
    make_dataset(curator, "Taken")
    address = reverse("admin:datasets_dataset_change", args=[dataset.pk])
    assert "There is a data set called “Taken” already." in text(page.post(address, {"name": "Taken"}))
    page.post(address, {"name": "Nuclei 2", "description": "", "source": "own", "licence": "CC0"})
    dataset.refresh_from_db()
    assert (dataset.name, dataset.source) == ("Nuclei 2", "own")


def test_samples_show_thumbnails_filters_and_what_is_searched(
    page: Client, dataset: Dataset, curator: User
) -> None:
    a = make_samples(dataset, curator, ["a.png"], category="hem")[0]
    make_samples(dataset, curator, ["b.png"], masked=False)
    assert a.thumbnail
    address = reverse("admin:datasets_sample_changelist")
    shown = text(page.get(address))
    assert reverse("sample_thumbnail", args=[a.pk, a.thumbnail.sha256]) in shown
    assert "b.png" not in text(page.get(address, {"category": "hem"})).split('id="result_list"')[1]
    assert "b.png" not in text(page.get(address, {"q": "a.png"})).split('id="result_list"')[1]


def test_samples_are_reviewed_in_bulk(page: Client, dataset: Dataset, curator: User) -> None:
    a, b = make_samples(dataset, curator, ["a.png", "b.png"])
    assert "2 samples were reviewed." in act(page, "datasets_sample", "approve", a.pk, b.pk)
    assert set(Sample.objects.values_list("review", "reviewed_by")) == {("approved", curator.pk)}
    act(page, "datasets_sample", "reject", b.pk)
    act(page, "datasets_sample", "put_back", a.pk)
    assert set(Sample.objects.values_list("name", "review")) == {("a.png", "waiting"), ("b.png", "rejected")}


def test_what_has_no_mask_is_not_approved_but_drawn(page: Client, dataset: Dataset, curator: User) -> None:
    bare = make_samples(dataset, curator, ["a.png"], masked=False)[0]
    assert "have no mask (a.png)" in act(page, "datasets_sample", "approve", bare.pk)
    assert "1 mask will be drawn." in act(page, "datasets_sample", "draw_masks", bare.pk)
    assert Job.objects.get(kind="mask").payload == {"sample_id": str(bare.pk)}


def test_of_a_sample_only_what_is_known_of_it_is_corrected(
    page: Client, dataset: Dataset, curator: User
) -> None:
    sample = make_samples(dataset, curator, ["a.png"])[0]
    address = reverse("admin:datasets_sample_change", args=[sample.pk])
    form = {"group": "patient 7", "category": "hem", "specimen": "", "stain": "giemsa", "review": "approved"}
    page.post(address, form)
    sample.refresh_from_db()
    assert (sample.group, sample.category, sample.review) == ("patient 7", "hem", "waiting")


# Jobs


def test_a_failed_job_says_why_and_is_tried_again(page: Client, dataset: Dataset, curator: User) -> None:
    job = make_import(dataset, curator).job
    assert "In the queue, number 1" in text(page.get(reverse("admin:jobs_job_changelist")))
    end_job(job, State.FAILED, error_code="archive_unreadable")
    assert "The file is not a ZIP we can read" in text(page.get(reverse("admin:jobs_job_changelist")))
    assert str(job.pk) in text(page.get(reverse("admin:jobs_job_changelist"), {"kind": "import"}))
    assert str(job.pk) not in text(page.get(reverse("admin:jobs_job_changelist"), {"kind": "mask"}))
    assert "1 job was queued again." in act(page, "jobs_job", "retry", job.pk)
    assert Job.objects.get(pk=job.pk).state == State.QUEUED
    assert "1 job was cancelled." in act(page, "jobs_job", "cancel", job.pk)
    assert "0 jobs were cancelled." in act(page, "jobs_job", "cancel", job.pk)
    assert Job.objects.get(pk=job.pk).state == State.CANCELLED


def test_a_job_is_otherwise_read_only(page: Client, dataset: Dataset, curator: User) -> None:
    job = make_import(dataset, curator).job
    address = reverse("admin:jobs_job_change", args=[job.pk])
    assert 'name="state"' not in text(page.get(address))
    assert page.post(address, {"state": "succeeded"}).status_code == 403


# People


def test_an_administrator_keeps_the_people_of_their_clinic(clinic: Any, alice: User, bob: User) -> None:
    boss = client_of(make_person(clinic, "administrator"))
    shown = text(boss.get("/admin/accounts/user/"))
    assert "alice" in shown and "bob" not in shown
    address = reverse("admin:accounts_user_change", args=[alice.pk])
    before = (alice.password, alice.clinic_id)
    form = {
        "username": "alice", "role": "curator", "language": "", "is_superuser": "on", "is_staff": "on",
        "clinic": bob.clinic_id, "password": "stolen", "must_change_password": "on",
    }  # fmt: skip
    boss.post(address, form)
    alice.refresh_from_db()
    assert (alice.role, alice.is_active, alice.must_change_password) == ("curator", False, True)
    assert not alice.is_superuser and not alice.is_staff
    assert (alice.password, alice.clinic_id) == before


def test_nobody_reaches_who_maintains_nor_takes_away_their_own_key(clinic: Any) -> None:
    person = make_person(clinic, "administrator")
    boss = client_of(person)
    root = User.objects.create_superuser("root", password="correct-horse-9", clinic=clinic)
    assert boss.get(reverse("admin:accounts_user_change", args=[root.pk])).status_code == 302
    boss.post(
        reverse("admin:accounts_user_change", args=[person.pk]), {"username": "me", "role": "laboratory"}
    )
    person.refresh_from_db()
    assert (person.username, person.role, person.is_active) == ("me", "administrator", True)


def test_every_column_and_field_has_words() -> None:
    without = []
    for shown, of_admin in admin.site._registry.items():
        for name in [*of_admin.list_display, *(of_admin.fields or [])]:
            if isinstance(name, str) and name != "__str__" and not hasattr(of_admin, name):
                own = label_of(shown, name) or getattr(shown._meta.get_field(name), "verbose_name", "")
                if not isinstance(own, Promise):
                    without.append(f"{shown.__name__}.{name}")
    assert without == []


@pytest.mark.parametrize("lookup", ["password__startswith", "password", "last_login__gt", "is_superuser"])
def test_the_list_of_people_does_not_tell_what_their_passwords_hash_to(clinic: Any, lookup: str) -> None:
    page = client_of(make_person(clinic, "administrator"))
    address = reverse("admin:accounts_user_changelist")
    answer = page.get(address, {lookup: "md5"})
    assert answer.status_code in {302, 400}
    assert page.get(address, {"is_active__exact": 1}).status_code == 200
