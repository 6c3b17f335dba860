"""Addresses under /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from webapp.api.views import analyses, cases, curating, document, files, jobs, registry
from webapp.api.views.base import anything_else

app_name = "api"
ONE = "<uuid:pk>/"
urlpatterns = [
    path("patients/", cases.Patients.as_view(), name="patients"),
    path(f"patients/{ONE}", cases.OnePatient.as_view(), name="patient"),
    path("cases/", cases.Cases.as_view(), name="cases"),
    path(f"cases/{ONE}", cases.OneCase.as_view(), name="case"),
    path("biopsies/", cases.Biopsies.as_view(), name="biopsies"),
    path(f"biopsies/{ONE}", cases.OneBiopsy.as_view(), name="biopsy"),
    path(f"biopsies/{ONE}images/", files.BiopsyImages.as_view(), name="biopsy-images"),
    path("images/", cases.Images.as_view(), name="images"),
    path(f"images/{ONE}", cases.OneImage.as_view(), name="image"),
    path(f"images/{ONE}original/", files.ImageOriginal.as_view(), name="image-original"),
    path("analyses/", analyses.Analyses.as_view(), name="analyses"),
    path(f"analyses/{ONE}", analyses.OneAnalysis.as_view(), name="analysis"),
    path(f"analyses/{ONE}labels/", files.AnalysisLabels.as_view(), name="analysis-labels"),
    path(f"analyses/{ONE}overlay/", files.AnalysisOverlay.as_view(), name="analysis-overlay"),
    path(f"analyses/{ONE}nuclei.csv", files.AnalysisNucleiCsv.as_view(), name="analysis-nuclei-csv"),
    path(f"analyses/{ONE}nuclei.json", files.AnalysisNucleiJson.as_view(), name="analysis-nuclei-json"),
    path(f"analyses/{ONE}outlines.json", files.AnalysisOutlinesJson.as_view(), name="analysis-outlines-json"),
    path("batches/", analyses.Batches.as_view(), name="batches"),
    path(f"batches/{ONE}", analyses.OneBatch.as_view(), name="batch"),
    path(f"batches/{ONE}files/", analyses.BatchFiles.as_view(), name="batch-files"),
    path(f"batches/{ONE}items/", analyses.BatchItems.as_view(), name="batch-items"),
    path(f"batches/{ONE}table/", analyses.BatchTable.as_view(), name="batch-table"),
    path(f"batches/{ONE}table.csv", analyses.BatchTableCsv.as_view(), name="batch-table-csv"),
    path(f"batches/{ONE}retry/", analyses.BatchRetry.as_view(), name="batch-retry"),
    path("jobs/", jobs.Jobs.as_view(), name="jobs"),
    path(f"jobs/{ONE}", jobs.OneJob.as_view(), name="job"),
    path(f"jobs/{ONE}cancel/", jobs.CancelJob.as_view(), name="job-cancel"),
    path(f"jobs/{ONE}retry/", jobs.RetryJob.as_view(), name="job-retry"),
    path("datasets/", curating.DatasetsAndNew.as_view(), name="datasets"),
    path(f"datasets/{ONE}", registry.OneDataset.as_view(), name="dataset"),
    path(f"datasets/{ONE}imports/", curating.Import.as_view(), name="dataset-imports"),
    path(f"datasets/{ONE}versions/", curating.Freeze.as_view(), name="dataset-freeze"),
    path("samples/", registry.Samples.as_view(), name="samples"),
    path(f"samples/{ONE}", registry.OneSample.as_view(), name="sample"),
    path("imports/", registry.Imports.as_view(), name="imports"),
    path(f"imports/{ONE}", registry.OneImport.as_view(), name="import"),
    path("dataset-versions/", registry.DatasetVersions.as_view(), name="dataset-versions"),
    path(f"dataset-versions/{ONE}", registry.OneDatasetVersion.as_view(), name="dataset-version"),
    path("runs/", curating.RunsAndNew.as_view(), name="runs"),
    path(f"runs/{ONE}", registry.OneRun.as_view(), name="run"),
    path("evaluations/", curating.EvaluationsAndNew.as_view(), name="evaluations"),
    path(f"evaluations/{ONE}", registry.OneEvaluation.as_view(), name="evaluation"),
    path("model-versions/", registry.ModelVersions.as_view(), name="model-versions"),
    path(f"model-versions/{ONE}", registry.OneModelVersion.as_view(), name="model-version"),
    path(f"model-versions/{ONE}promote/", curating.Promote.as_view(), name="model-version-promote"),
    path(f"model-versions/{ONE}retire/", curating.Retire.as_view(), name="model-version-retire"),
    path("schema/", document.Document.as_view(), name="schema"),
    path("docs/", document.Docs.as_view(), name="docs"),
    re_path(r"", anything_else),
]
