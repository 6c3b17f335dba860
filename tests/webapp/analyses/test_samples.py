"""An analysis that a curator confirms becomes a sample, in the files that are there already."""

from __future__ import annotations

import pytest

from segmentation.errors import DataError
from tests.webapp.datasets.rows import make_dataset
from tests.webapp.rows import analyse, make_case, make_image, make_version, prepare
from webapp.accounts.models import Clinic, User
from webapp.analyses.models import Analysis
from webapp.analyses.samples import analysis_confirm
from webapp.analyses.services import analysis_request
from webapp.datasets.models import Sample
from webapp.datasets.services import dataset_archive, samples_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def carla(clinic: Clinic) -> User:
    return User.objects.create_user("carla", clinic=clinic, role=User.Role.CURATOR)


@pytest.fixture
def analysis(clinic: Clinic) -> Analysis:
    case = make_case(clinic, stain="giemsa")
    return analyse(prepare(make_image(case)), make_version())


def test_a_confirmed_analysis_is_an_approved_sample_of_its_patient(
    clinic: Clinic, carla: User, analysis: Analysis
) -> None:
    dataset = make_dataset(clinic, source="Propio", licence="Uso interno")
    sample = analysis_confirm(analysis=analysis, dataset=dataset, user=carla)
    image = analysis.image
    assert (sample.picture, sample.labels, sample.outlines) == (
        image.original, analysis.labels, analysis.outlines,
    )  # fmt: skip
    assert sample.group == f"patient:{image.biopsy.case.patient_id}"
    assert (sample.origin, sample.analysis_id, sample.nuclei_count) == ("analysis", analysis.pk, 2)
    assert (sample.review, sample.reviewed_by) == ("approved", carla)
    assert (sample.stain, sample.specimen, sample.licence) == ("giemsa", "aspirate_smear", "Uso interno")
    assert (sample.width, sample.height, sample.thumbnail) == (64, 48, image.thumbnail)
    assert analysis_confirm(analysis=analysis, dataset=dataset, user=carla) == sample
    assert Sample.objects.count() == 1


def test_the_word_of_one_who_does_not_curate_waits_for_review(
    clinic: Clinic, alice: User, analysis: Analysis
) -> None:
    sample = analysis_confirm(analysis=analysis, dataset=make_dataset(clinic), user=alice)
    assert (sample.review, sample.reviewed_by) == ("waiting", None)


def test_another_versions_analysis_replaces_what_is_not_approved(
    clinic: Clinic, carla: User, analysis: Analysis
) -> None:
    dataset = make_dataset(clinic)
    first = analysis_confirm(analysis=analysis, dataset=dataset, user=carla)
    other = analyse(analysis.image, make_version(version=2, digest="c" * 64, stage="candidate"))
    with pytest.raises(DataError) as caught:
        analysis_confirm(analysis=other, dataset=dataset, user=carla)
    assert caught.value.code == "sample_has_other_mask"
    samples_review(user=carla, sample_ids=[first.pk], review="waiting")
    again = analysis_confirm(analysis=other, dataset=dataset, user=carla)
    assert (again.pk, again.analysis_id) == (first.pk, other.pk)


def test_an_unfinished_analysis_and_an_archived_set_are_refused(
    clinic: Clinic, carla: User, analysis: Analysis
) -> None:
    dataset = make_dataset(clinic)
    image = prepare(make_image(make_case(clinic, patient_code="P-2")))
    pending = analysis_request(image=image, model_version=analysis.model_version)
    with pytest.raises(DataError) as caught:
        analysis_confirm(analysis=pending, dataset=dataset, user=carla)
    assert caught.value.code == "analysis_unfinished"
    dataset_archive(dataset=dataset)
    with pytest.raises(DataError) as caught:
        analysis_confirm(analysis=analysis, dataset=dataset, user=carla)
    assert caught.value.code == "dataset_archived"


def test_an_analysis_never_goes_into_another_clinics_set(
    other_clinic: Clinic, carla: User, analysis: Analysis
) -> None:
    with pytest.raises(ValueError, match="own clinic"):
        analysis_confirm(analysis=analysis, dataset=make_dataset(other_clinic), user=carla)
