"""Addresses of the pages of trainings, tunings and evaluations."""

from __future__ import annotations

from django.urls import path, re_path

from webapp.portal.training import evaluations, runs, tunings

UUID = "[0-9a-f-]{36}"

urlpatterns = [
    path("training/", runs.trainings, name="trainings"),
    path("training/list/", runs.trainings_list, name="trainings_list"),
    path("training/new/", runs.training_new, name="training_new"),
    path("training/estimate/", runs.training_estimate, name="training_estimate"),
    path("training/<uuid:run_id>/", runs.training_run, name="training_run"),
    path("training/<uuid:run_id>/status/", runs.training_status, name="training_status"),
    path("training/<uuid:run_id>/curves.json", runs.training_curves, name="training_curves"),
    re_path(rf"^training/(?P<run_id>{UUID})/(?P<act>cancel|retry)/$", runs.training_act, name="training_act"),
    path("training/tuning/new/", tunings.tuning_new, name="tuning_new"),
    path("training/tuning/<uuid:study_id>/", tunings.tuning_study, name="tuning_study"),
    path("training/tuning/<uuid:study_id>/status/", tunings.tuning_status, name="tuning_status"),
    path("training/tuning/<uuid:study_id>/train/<int:number>/", tunings.tuning_train, name="tuning_train"),
    re_path(
        rf"^training/tuning/(?P<study_id>{UUID})/(?P<act>cancel|retry)/$",
        tunings.tuning_act,
        name="tuning_act",
    ),
    path("training/evaluations/new/", evaluations.evaluation_new, name="evaluation_new"),
    path("training/evaluations/<uuid:evaluation_id>/", evaluations.evaluation, name="evaluation"),
    path(
        "training/evaluations/<uuid:evaluation_id>/status/",
        evaluations.evaluation_status,
        name="evaluation_status",
    ),
    re_path(
        rf"^training/evaluations/(?P<evaluation_id>{UUID})/(?P<act>cancel|retry)/$",
        evaluations.evaluation_act,
        name="evaluation_act",
    ),
]
