"""The list of networks and the page of one."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.webapp.portal.registry.conftest import judged, page
from webapp.datasets.models import DatasetVersion
from webapp.registry.models import ModelVersion
from webapp.registry.promotion import version_promote
from webapp.registry.selectors import production


def act(client: Client, version: ModelVersion, what: str, **said: str) -> str:
    return page(client.post(reverse("model_act", args=[version.pk, what]), said, follow=True))


def test_the_list_tells_what_is_in_use_and_what_the_gate_said(
    carla_client: Client, better: ModelVersion, worse: ModelVersion
) -> None:
    found = page(carla_client.get(reverse("models")))
    in_use, _, rest = found.partition(">Candidates</h2>")
    assert "nuclei 1" in in_use and "nuclei 2" not in in_use
    assert "Passed the gate" in rest and "Refused by the gate" in rest
    assert better.digest_short in rest


def test_the_card_has_the_figures_the_reasons_and_where_it_came_from(
    carla_client: Client, worse: ModelVersion
) -> None:
    found = page(carla_client.get(reverse("model_version", args=[worse.pk])))
    assert "It finds fewer nuclei: AP@0.5 0.412 against 0.730 of the model in use (nuclei 1)." in found
    assert "Frotis v1" in found and worse.digest in found
    assert "Otsu + watershed" in found and "0.41" in found
    assert "if some of them are in this test part" in found
    assert ">Put it into use<" not in found


def test_reasons_are_read_in_spanish_too(carla_client: Client, worse: ModelVersion) -> None:
    address = reverse("model_version", args=[worse.pk])
    found = page(carla_client.get(address, headers={"accept-language": "es"}))
    assert "AP@0.5 0.412 frente a 0.730 del modelo en uso (nuclei 1)" in found


def test_a_click_puts_into_use_what_passed_and_another_goes_back(
    carla_client: Client, better: ModelVersion, shipped: ModelVersion
) -> None:
    assert "nuclei 2 is in use now." in act(carla_client, better, "promote")
    assert production(better.clinic_id) == better
    found = page(carla_client.get(reverse("models")))
    assert "Go back to the installation's model" in found.replace("&#x27;", "'")
    found = page(carla_client.post(reverse("model_rollback"), follow=True))
    assert "nuclei 1 is in use now." in found
    assert production(better.clinic_id) == shipped


def test_without_anything_before_it_the_way_back_is_not_offered_and_says_so_when_asked(
    carla_client: Client, shipped: ModelVersion
) -> None:
    assert "Go back" not in page(carla_client.get(reverse("models")))
    found = page(carla_client.post(reverse("model_rollback"), follow=True))
    assert "There is no earlier model to go back to." in found


def test_a_curator_cannot_overrule_the_gate_and_an_administrator_writes_why(
    carla_client: Client, ana_client: Client, worse: ModelVersion
) -> None:
    assert "has not passed the gate" in act(carla_client, worse, "promote", against="porque sí")
    assert "against the gate" not in page(carla_client.get(reverse("model_version", args=[worse.pk])))
    assert "has not passed the gate" in act(ana_client, worse, "promote")
    found = act(ana_client, worse, "promote", against="Única que ve médula")
    assert "nuclei 3 is in use now." in found
    assert "Única que ve médula" in found


def test_a_retired_one_says_why(carla_client: Client, better: ModelVersion) -> None:
    found = act(carla_client, better, "retire", reason="Contornos <flojos>")
    assert "nuclei 2 is retired." in found
    assert "Contornos &lt;flojos&gt;" in found


def test_the_installations_version_has_a_card_and_no_buttons(
    ana_client: Client, shipped: ModelVersion
) -> None:
    found = page(ana_client.get(reverse("model_version", args=[shipped.pk])))
    assert "Came with the installation" in found and "67" in found
    assert reverse("model_act", args=[shipped.pk, "retire"]) not in found
    assert "are not changed" in act(ana_client, shipped, "retire")


def test_a_laboratory_reads_the_list_and_changes_nothing(alice_client: Client, better: ModelVersion) -> None:
    assert "nuclei 2" in page(alice_client.get(reverse("models")))
    assert ">Put it into use<" not in page(alice_client.get(reverse("model_version", args=[better.pk])))
    for address in (reverse("model_act", args=[better.pk, "promote"]), reverse("model_rollback")):
        assert alice_client.post(address).status_code == 403
    better.refresh_from_db()
    assert better.stage == "candidate"


def test_one_clinics_version_replaced_by_another_is_offered_as_the_way_back(
    carla_client: Client, better: ModelVersion, frozen: DatasetVersion
) -> None:
    version_promote(model_version=better)
    version_promote(model_version=judged(frozen, 4, (0.85, 0.65, 0.94)))
    found = page(carla_client.get(reverse("models")))
    assert ">Retired</h2>" in found and "Go back to nuclei 2" in found
