"""Rules on their page: written, changed, switched, deleted; and the report of a night."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.portal.registry.conftest import page
from tests.webapp.registry.rows import add_sample
from webapp.datasets.models import DatasetVersion
from webapp.registry.models import ModelVersion, RetrainingRule, RuleRun, TrainingRun


@pytest.fixture
def facts(frozen: DatasetVersion) -> dict[str, Any]:
    return {
        "name": "Cada semana",
        "dataset": str(frozen.dataset_id),
        "every_days": "7",
        "new_samples": "",
        "hour": "2",
        "start": "production",
        "epochs": "4",
        "steps_per_epoch": "10",
        "batch_size": "4",
        "learning_rate": "0.0005",
        "promotes": "on",
        "is_enabled": "on",
    }


@pytest.fixture
def rule(carla_client: Client, facts: dict[str, Any]) -> RetrainingRule:
    assert carla_client.post(reverse("rule_new"), facts).status_code == 302
    return RetrainingRule.objects.get()


def test_a_rule_is_written_and_the_list_says_when_it_runs_next(
    carla_client: Client, rule: RetrainingRule, carla: Any
) -> None:
    add_sample(rule.dataset, "nueva")
    assert rule.config == {"epochs": 4, "steps_per_epoch": 10, "batch_size": 4, "learning_rate": 0.0005}
    assert (rule.every_days, rule.new_samples, rule.promotes, rule.created_by) == (7, None, True, carla)
    found = page(carla_client.get(reverse("rules")))
    assert "Every 7 days, at 2:00 · Frotis" in found
    assert "Next time" in found and "1 new sample waits" in found
    assert "puts into use what passes the gate" in found


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"every_days": ""}, "Say how many days, how many new samples, or both."),
        ({"hour": "24"}, "23"),
        ({"learning_rate": "7"}, "0.1"),
        ({"epochs": "0"}, "1"),
        ({"name": ""}, "required"),
        ({"dataset": "6a3a50e0-4d52-4a51-8ddb-06cb0b5b3a2c"}, "valid choice"),
        ({"every_days": "nunca"}, "whole number"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_words(
    carla_client: Client, facts: dict[str, Any], wrong: dict[str, str], words: str
) -> None:
    found = page(carla_client.post(reverse("rule_new"), facts | wrong))
    assert 'class="error"' in found or 'role="alert"' in found
    assert words in found
    assert not RetrainingRule.objects.exists()


def test_a_rule_is_changed_and_what_the_page_does_not_show_stays(
    carla_client: Client, rule: RetrainingRule, facts: dict[str, Any]
) -> None:
    RetrainingRule.objects.filter(pk=rule.pk).update(config={**rule.config, "seed": 9})
    address = reverse("rule_edit", args=[rule.pk])
    assert 'value="Cada semana"' in page(carla_client.get(address))
    carla_client.post(address, {**facts, "new_samples": "20", "epochs": "6"})
    rule.refresh_from_db()
    assert rule.new_samples == 20
    assert rule.config == {
        "epochs": 6, "steps_per_epoch": 10, "batch_size": 4, "learning_rate": 0.0005, "seed": 9,
    }  # fmt: skip


def test_a_rule_is_switched_off_and_on_and_deleted(carla_client: Client, rule: RetrainingRule) -> None:
    def act(what: str) -> str:
        return page(carla_client.post(reverse("rule_act", args=[rule.pk, what]), follow=True))

    assert "It will not run." in act("disable")
    assert "Next time" in act("enable")
    assert "The rule is deleted." in act("delete")
    assert not RetrainingRule.objects.exists()


def test_the_report_of_a_night_tells_what_was_trained_and_what_the_gate_said(
    carla_client: Client, rule: RetrainingRule, worse: ModelVersion
) -> None:
    run = TrainingRun.objects.get(model_version=worse)
    TrainingRun.objects.filter(pk=run.pk).update(config={"epochs": 4, "learning_rate": 0.0005})
    night = RuleRun.objects.create(
        clinic=rule.clinic, rule=rule, name=rule.name, dataset=rule.dataset, why="days", new_samples=3,
        version=run.dataset_version, run=run,
    )  # fmt: skip
    found = page(carla_client.get(reverse("rule_night", args=[night.pk])))
    assert "Refused by the gate" in found
    assert "AP@0.5 0.412 against 0.730" in found
    assert "Frotis v1" in found and "0.0005" in found and "nuclei 3" in found
    assert "Cada semana" in page(carla_client.get(reverse("rules")))


def test_a_night_that_ended_without_a_model_says_why(carla_client: Client, rule: RetrainingRule) -> None:
    night = RuleRun.objects.create(
        clinic=rule.clinic, rule=rule, name=rule.name, dataset=rule.dataset, why="days",
        code="rule_training_failed",
        params={"rule": rule.name, "reasons": [{"code": "storage_fault"}, {"code": "of another day"}]},
    )  # fmt: skip
    found = page(carla_client.get(reverse("rule_night", args=[night.pk])))
    assert "“Cada semana”: the training did not finish." in found
    assert "Ended without a model" in found


def test_while_a_night_lasts_its_fragments_ask_for_themselves(
    carla_client: Client, rule: RetrainingRule, frozen: DatasetVersion
) -> None:
    night = RuleRun.objects.create(
        clinic=rule.clinic, rule=rule, name=rule.name, dataset=rule.dataset, why="days", version=frozen
    )
    for address in (reverse("rules"), reverse("rule_night", args=[night.pk])):
        fragment = page(carla_client.get(address, headers={"hx-request": "true"}))
        assert 'hx-trigger="every 4s"' in fragment and "<html" not in fragment
        assert "Freezing the data set" in fragment


def test_those_who_may_not_train_have_no_rules(alice_client: Client, rule: RetrainingRule) -> None:
    for address in (reverse("rules"), reverse("rule_new"), reverse("rule_edit", args=[rule.pk])):
        assert alice_client.get(address).status_code == 403
