"""What is in use, by whose word, and the way back."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from segmentation.errors import BundleError, DataError
from tests.webapp.registry.rows import freeze, make_candidate, make_dataset, person
from tests.webapp.rows import make_version
from webapp.accounts.models import Clinic, User
from webapp.datasets.models import DatasetVersion
from webapp.registry.models import ModelVersion, StageChange
from webapp.registry.promotion import version_before, version_promote, version_retire, version_rollback
from webapp.registry.selectors import model_path, production


@pytest.fixture
def shipped(db: None) -> ModelVersion:
    return make_version()


@pytest.fixture
def version(clinic: Clinic) -> DatasetVersion:
    return freeze(make_dataset(clinic))


@pytest.fixture
def carla(clinic: Clinic) -> User:
    return person(clinic, "curator", "carla")


@pytest.fixture
def ana(clinic: Clinic) -> User:
    return person(clinic, "administrator", "ana")


def passed(version: DatasetVersion, number: int) -> ModelVersion:
    made = make_candidate(version, number)
    StageChange.objects.create(clinic=version.clinic, model_version=made, kind="passed")
    return made


def code_of(caught: pytest.ExceptionInfo[Any]) -> str:
    return str(caught.value.code)


def test_what_passed_goes_into_use_for_its_clinic_and_for_no_other(
    shipped: ModelVersion, version: DatasetVersion, carla: User, other_clinic: Clinic
) -> None:
    made = passed(version, 2)
    version_promote(model_version=made, user=carla)
    assert production(version.clinic_id) == made
    assert production(other_clinic.pk) == shipped
    shipped.refresh_from_db()
    assert shipped.stage == "production"


def test_one_version_of_a_clinic_is_in_use_and_the_diary_says_what_became_of_the_other(
    version: DatasetVersion, carla: User
) -> None:
    first, second = passed(version, 2), passed(version, 3)
    version_promote(model_version=first, user=carla)
    version_promote(model_version=second, user=carla)
    version_promote(model_version=second, user=carla)
    first.refresh_from_db()
    assert first.stage == "retired"
    retired = StageChange.objects.get(model_version=first, kind="retired")
    assert retired.reasons == [{"code": "retired_replaced", "params": {"version": "nuclei 3"}}]
    assert StageChange.objects.filter(kind="promoted").count() == 2


@pytest.mark.parametrize("verdict", [None, "refused"])
def test_what_has_not_passed_is_not_put_into_use_by_a_curator(
    version: DatasetVersion, carla: User, verdict: str | None
) -> None:
    made = make_candidate(version, 2)
    if verdict:
        StageChange.objects.create(clinic=version.clinic, model_version=made, kind=verdict)
    for against in ("", "porque sí"):
        with pytest.raises(DataError) as caught:
            version_promote(model_version=made, user=carla, against=against)
        assert code_of(caught) == "gate_not_passed"
    made.refresh_from_db()
    assert made.stage == "candidate"


def test_an_administrator_may_overrule_the_gate_with_a_reason_that_is_kept(
    version: DatasetVersion, ana: User
) -> None:
    made = make_candidate(version, 2)
    with pytest.raises(DataError):
        version_promote(model_version=made, user=ana, against="  ")
    version_promote(model_version=made, user=ana, against="Única que ve  médula ósea")
    (change,) = StageChange.objects.filter(kind="promoted")
    assert change.by == ana
    assert change.reasons == [
        {"code": "promoted_against_gate", "params": {"reason": "Única que ve médula ósea"}}
    ]


def test_the_installations_versions_are_changed_by_no_clinic(shipped: ModelVersion, ana: User) -> None:
    for act in (version_promote, version_retire):
        with pytest.raises(DataError) as caught:
            act(model_version=shipped, user=ana)
        assert code_of(caught) == "promote_shipped"


def test_a_version_whose_files_are_gone_is_not_put_into_use(version: DatasetVersion, carla: User) -> None:
    made = passed(version, 2)
    shutil.rmtree(model_path(made))
    with pytest.raises(BundleError):
        version_promote(model_version=made, user=carla)
    assert not StageChange.objects.filter(kind="promoted").exists()


def test_a_version_whose_weights_alone_are_gone_is_not_put_into_use(
    version: DatasetVersion, carla: User
) -> None:
    made = passed(version, 2)
    ModelVersion.objects.filter(pk=made.pk).update(spec={"weights": "model.weights.h5"})
    with pytest.raises(BundleError) as caught:
        version_promote(model_version=made, user=carla)
    assert code_of(caught) == "bundle_missing"
    (model_path(made) / "model.weights.h5").write_bytes(b"weights")
    assert version_promote(model_version=made, user=carla).stage == "production"


def test_retired_it_leaves_the_installations_in_use(
    shipped: ModelVersion, version: DatasetVersion, carla: User
) -> None:
    made = passed(version, 2)
    version_promote(model_version=made, user=carla)
    version_retire(model_version=made, user=carla, reason="Contornos flojos")
    assert production(version.clinic_id) == shipped
    with pytest.raises(DataError) as caught:
        version_retire(model_version=made, user=carla)
    assert code_of(caught) == "retire_again"


def test_rolling_back_goes_one_version_back_each_time_and_ends_at_the_installations(
    shipped: ModelVersion, version: DatasetVersion, carla: User
) -> None:
    clinic = version.clinic
    first, second, third = (passed(version, number) for number in (2, 3, 4))
    for made in (first, second, third):
        version_promote(model_version=made, user=carla)
    found = []
    for _ in range(3):
        version_rollback(clinic=clinic, family="nuclei", user=carla)
        found.append(production(clinic.pk))
    assert found == [second, first, shipped]
    with pytest.raises(DataError) as caught:
        version_rollback(clinic=clinic, family="nuclei", user=carla)
    assert code_of(caught) == "rollback_nothing"


def test_after_a_way_back_the_next_promotion_begins_from_there(version: DatasetVersion, carla: User) -> None:
    first, second, third = (passed(version, number) for number in (2, 3, 4))
    version_promote(model_version=first, user=carla)
    version_promote(model_version=second, user=carla)
    version_rollback(clinic=version.clinic, family="nuclei", user=carla)
    version_promote(model_version=third, user=carla)
    assert version_before(clinic=version.clinic, family="nuclei") == first


def test_a_retirement_can_be_taken_back(version: DatasetVersion, carla: User) -> None:
    made = passed(version, 2)
    version_promote(model_version=made, user=carla)
    version_retire(model_version=made, user=carla)
    assert version_rollback(clinic=version.clinic, family="nuclei", user=carla) == made
    assert production(version.clinic_id) == made


def test_without_anything_earlier_there_is_no_way_back(shipped: ModelVersion, clinic: Clinic) -> None:
    with pytest.raises(DataError) as caught:
        version_rollback(clinic=clinic, family="nuclei", user=None)
    assert code_of(caught) == "rollback_nothing"
