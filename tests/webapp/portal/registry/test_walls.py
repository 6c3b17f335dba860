"""Networks, rules and notices of another clinic are not found; a visitor is asked who it is."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.portal.registry.conftest import page
from tests.webapp.rows import analyse, make_case, make_image, prepare
from webapp.registry.models import ModelVersion, RetrainingRule, RuleRun, TrainingRun
from webapp.registry.rules import rule_create

Addresses = dict[str, tuple[str, str]]


@pytest.fixture
def hers(better: ModelVersion) -> Addresses:
    run = TrainingRun.objects.get(model_version=better)
    dataset, clinic = run.dataset_version.dataset, run.clinic
    rule = rule_create(clinic=clinic, user=None, dataset=dataset, name="Cada noche", every_days=1)
    night = RuleRun.objects.create(clinic=clinic, rule=rule, name="x", dataset=dataset, why="days", run=run)
    analysis = analyse(prepare(make_image(make_case(clinic))), ModelVersion.objects.get(clinic=None))
    analyse(analysis.image, better)
    return {
        "model_version": ("get", reverse("model_version", args=[better.pk])),
        "model_act": ("post", reverse("model_act", args=[better.pk, "promote"])),
        "rule_edit": ("get", reverse("rule_edit", args=[rule.pk])),
        "rule_act": ("post", reverse("rule_act", args=[rule.pk, "delete"])),
        "rule_night": ("get", reverse("rule_night", args=[night.pk])),
        "analysis_again": ("post", reverse("analysis_again", args=[analysis.pk])),
        "compare": ("get", reverse("compare", args=[analysis.image_id])),
    }


OWN = ("models", "rules", "rule_new", "notices")


def test_what_is_the_norths_the_south_cannot_find(hers: Addresses, carlos_client: Client) -> None:
    for name, (method, address) in hers.items():
        assert getattr(carlos_client, method)(address).status_code == 404, name
    assert RetrainingRule.objects.exists()
    for name in OWN:
        found = page(carlos_client.get(reverse(name)))
        assert "nuclei 2" not in found and "Cada noche" not in found and "Frotis" not in found


def test_the_south_does_not_write_a_rule_for_the_norths_data(hers: Addresses, carlos_client: Client) -> None:
    theirs = RetrainingRule.objects.get().dataset_id
    facts = {
        "name": "Mía", "dataset": theirs, "every_days": 1, "hour": 2, "start": "scratch", "epochs": 1,
        "steps_per_epoch": 1, "batch_size": 1, "learning_rate": 0.001,
    }  # fmt: skip
    assert "valid choice" in page(carlos_client.post(reverse("rule_new"), facts))


def test_a_visitor_is_asked_who_it_is(hers: Addresses, client: Client) -> None:
    every = [*hers.values(), *(("get", reverse(name)) for name in OWN)]
    every += [("post", reverse("model_rollback")), ("post", reverse("notices_mark"))]
    for method, address in every:
        answer = getattr(client, method)(address)
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"), address


def test_what_changes_something_is_never_done_by_a_link(hers: Addresses, carla_client: Client) -> None:
    links = [address for method, address in hers.values() if method == "post"]
    for address in (*links, reverse("model_rollback"), reverse("notices_mark")):
        assert carla_client.get(address).status_code == 405
