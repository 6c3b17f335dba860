from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError

from segmentation.errors import DataError
from tests.webapp.datasets.rows import make_dataset, make_mask, make_samples
from tests.webapp.rows import end_job
from webapp.accounts.models import Clinic, User
from webapp.datasets.models import Sample
from webapp.datasets.recording import mask_record
from webapp.datasets.selectors import datasets_of, imports_of, samples_of, versions_of
from webapp.datasets.services import (
    dataset_archive,
    dataset_change,
    mask_request,
    sample_change,
    samples_review,
    version_freeze,
)
from webapp.jobs.models import Job, State

pytestmark = pytest.mark.django_db


def code_of(error: pytest.ExceptionInfo[DataError]) -> str:
    assert error.value.sentence("es") != error.value.sentence("en")
    return error.value.code


def test_a_name_is_taken_once_a_clinic(clinic: Clinic, other_clinic: Clinic) -> None:
    make_dataset(clinic, name=" Frotis ")
    make_dataset(other_clinic, name="Frotis")
    other = make_dataset(clinic, name="Cortes")
    for act in (
        lambda: make_dataset(clinic, name="Frotis"),
        lambda: dataset_change(dataset=other, name="Frotis"),
    ):
        with pytest.raises(DataError) as caught:
            act()
        assert code_of(caught) == "dataset_name_taken"
    dataset_change(dataset=other, name="Cortes", licence="CC BY 4.0")
    with pytest.raises(ValidationError):
        make_dataset(clinic, name="  ")


def test_each_clinic_sees_its_own(clinic: Clinic, alice: User, bob: User) -> None:
    dataset = make_dataset(clinic)
    make_samples(dataset, 3)
    samples_review(user=alice, sample_ids=[s.pk for s in dataset.samples.all()], review="approved")
    version_freeze(dataset=dataset, user=alice)
    for selector, count in ((datasets_of, 1), (samples_of, 3), (versions_of, 1), (imports_of, 1)):
        assert selector(alice).count() == count  # type: ignore[operator]
        assert selector(bob).count() == 0  # type: ignore[operator]


def test_a_review_says_who_and_when_and_is_taken_back(clinic: Clinic, alice: User) -> None:
    one, two = make_samples(make_dataset(clinic), 2)
    assert samples_review(user=alice, sample_ids=[one.pk, str(two.pk)], review="approved") == 2
    one.refresh_from_db()
    assert (one.review, one.reviewed_by) == ("approved", alice)
    assert one.reviewed_at is not None
    samples_review(user=alice, sample_ids=[one.pk], review="waiting")
    one.refresh_from_db()
    assert (one.review, one.reviewed_by, one.reviewed_at) == ("waiting", None, None)


def test_nothing_is_approved_where_one_has_no_mask(clinic: Clinic, alice: User) -> None:
    dataset = make_dataset(clinic)
    good, bare = make_samples(dataset, 1), make_samples(dataset, 1, masks=False, start=5)
    ids = [sample.pk for sample in good + bare]
    with pytest.raises(DataError) as caught:
        samples_review(user=alice, sample_ids=ids, review="approved")
    assert code_of(caught) == "review_needs_mask"
    assert caught.value.params == {"count": 1, "names": "5.png"}
    assert not Sample.objects.filter(review="approved").exists()
    assert samples_review(user=alice, sample_ids=ids, review="rejected") == 2


def test_another_clinics_samples_are_not_found_by_a_review(clinic: Clinic, bob: User) -> None:
    (sample,) = make_samples(make_dataset(clinic), 1)
    assert samples_review(user=bob, sample_ids=[sample.pk, uuid.uuid4()], review="rejected") == 0
    sample.refresh_from_db()
    assert sample.review == "waiting"


def test_a_review_we_do_not_know_is_refused(alice: User) -> None:
    with pytest.raises(DataError) as caught:
        samples_review(user=alice, sample_ids=[], review="perfect")
    assert code_of(caught) == "review_unknown"


def test_a_sample_is_corrected_field_by_field(clinic: Clinic) -> None:
    (sample,) = make_samples(make_dataset(clinic), 1)
    sample_change(sample=sample, group=" P7 ", stain="giemsa")
    sample.refresh_from_db()
    assert (sample.group, sample.stain, sample.category) == ("P7", "giemsa", "")
    with pytest.raises(DataError) as caught:
        sample_change(sample=sample, group=" ")
    assert code_of(caught) == "no_group"
    for wrong in ({"stain": "green"}, {"group": "P" * 121}):
        with pytest.raises(ValidationError):
            sample_change(sample=Sample.objects.get(pk=sample.pk), **wrong)
    sample.refresh_from_db()
    assert sample.group == "P7"


def test_a_mask_is_asked_for_once_while_it_is_drawn_and_may_be_asked_again(
    clinic: Clinic, alice: User
) -> None:
    (sample,) = make_samples(make_dataset(clinic), 1, masks=False)
    job = mask_request(sample=sample, user=alice)
    assert mask_request(sample=sample, user=alice) == job
    assert (job.kind, job.lane) == ("mask", "pictures")
    end_job(job, State.FAILED)
    assert mask_request(sample=sample, user=alice) != job
    assert Job.objects.filter(kind="mask").count() == 2


def test_an_import_without_masks_asks_for_them_where_it_was_told(clinic: Clinic) -> None:
    samples = make_samples(make_dataset(clinic), 2, masks=False, draw_masks=True)
    jobs = {job.payload["sample_id"]: job for job in Job.objects.filter(kind="mask")}
    assert {str(s.pk): s.mask_job for s in samples} == jobs


def test_the_mask_of_an_approved_sample_is_never_changed(clinic: Clinic, alice: User) -> None:
    (sample,) = make_samples(make_dataset(clinic), 1)
    job = mask_request(sample=sample, user=alice)
    samples_review(user=alice, sample_ids=[sample.pk], review="approved")
    with pytest.raises(DataError) as caught:
        mask_request(sample=sample, user=alice)
    assert code_of(caught) == "mask_of_approved"
    before = Sample.objects.get(pk=sample.pk).labels_id
    mask = make_mask(clinic.pk, grey=9)
    assert not mask_record(sample_id=sample.pk, job_id=job.pk, mask=mask)
    assert Sample.objects.get(pk=sample.pk).labels_id == before
    samples_review(user=alice, sample_ids=[sample.pk], review="waiting")
    assert not mask_record(sample_id=sample.pk, job_id=uuid.uuid4(), mask=mask)
    assert mask_record(sample_id=sample.pk, job_id=job.pk, mask=mask)
    assert Sample.objects.get(pk=sample.pk).origin == "pipeline"


def test_an_archived_set_takes_no_more(clinic: Clinic, alice: User) -> None:
    dataset = make_dataset(clinic)
    (sample,) = make_samples(dataset, 1)
    archived = dataset_archive(dataset=dataset).archived_at
    assert dataset_archive(dataset=dataset).archived_at == archived
    for act in (
        lambda: make_samples(dataset, 1, start=3),
        lambda: mask_request(sample=sample, user=alice),
        lambda: version_freeze(dataset=dataset, user=alice),
    ):
        with pytest.raises(DataError) as caught:
            act()
        assert code_of(caught) == "dataset_archived"
