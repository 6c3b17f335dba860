"""Patients, cases, biopsies, pictures."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from webapp.api.idempotency import idempotent
from webapp.api.pagination import ByCode, ByUpload
from webapp.api.serializers import cases as shapes
from webapp.api.views.base import ListView, OneView, filter_id, filter_text, ids, one_of, texts
from webapp.cases.models import Biopsy, BiopsyImage, Case, Patient
from webapp.cases.selectors import biopsies_of, cases_of, images_of
from webapp.cases.services import biopsy_create, case_create, patient_create


class Patients(ListView):
    serializer_class = shapes.PatientSerializer
    pagination_class = ByCode

    def get_queryset(self) -> QuerySet[Patient]:
        found = Patient.objects.of(self.request.user)
        code = filter_text(self.request, "code")
        return found.filter(code=code) if code else found

    @extend_schema(operation_id="patients_list", parameters=texts("code"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="patients_create",
        request=shapes.PatientSerializer,
        responses={201: shapes.PatientSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """The clinic's patient of this code, new or known: asked twice, it is the same."""
        patient = patient_create(clinic=self.clinic, **self.checked(shapes.PatientSerializer))
        place = reverse("api:patient", args=[patient.pk], request=request)
        return self.created(patient, shapes.PatientSerializer, place)


class OnePatient(OneView):
    serializer_class = shapes.PatientSerializer

    def get_queryset(self) -> QuerySet[Patient]:
        return Patient.objects.of(self.request.user)


class Cases(ListView):
    serializer_class = shapes.CaseSerializer

    def get_queryset(self) -> QuerySet[Case]:
        found = cases_of(self.request.user).prefetch_related("biopsies")
        code, title = filter_text(self.request, "patient_code"), filter_text(self.request, "title")
        if patient := filter_id(self.request, "patient"):
            found = found.filter(patient=patient)
        if code:
            found = found.filter(patient__code=code)
        return found.filter(title=title) if title else found

    @extend_schema(operation_id="cases_list", parameters=[*ids("patient"), *texts("patient_code", "title")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="cases_create",
        request=shapes.CaseWriteSerializer,
        responses={201: shapes.CaseSerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """A case with its first biopsy."""
        fields = self.checked(shapes.CaseWriteSerializer)
        case = case_create(clinic=self.clinic, user=self.person, **fields)
        place = reverse("api:case", args=[case.pk], request=request)
        return self.created(case, shapes.CaseSerializer, place)


class OneCase(OneView):
    serializer_class = shapes.CaseSerializer

    def get_queryset(self) -> QuerySet[Case]:
        return cases_of(self.request.user).prefetch_related("biopsies")


class Biopsies(ListView):
    serializer_class = shapes.BiopsySerializer

    def get_queryset(self) -> QuerySet[Biopsy]:
        found = biopsies_of(self.request.user)
        case = filter_id(self.request, "case")
        return found.filter(case=case) if case else found

    @extend_schema(operation_id="biopsies_list", parameters=ids("case"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="biopsies_create",
        request=shapes.BiopsyOfCaseSerializer,
        responses={201: shapes.BiopsySerializer},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        fields = self.checked(shapes.BiopsyOfCaseSerializer)
        case = one_of(cases_of(self.person), fields.pop("case"))
        with transaction.atomic():
            biopsy = biopsy_create(case=case, **fields)
        place = reverse("api:biopsy", args=[biopsy.pk], request=request)
        return self.created(biopsy, shapes.BiopsySerializer, place)


class OneBiopsy(OneView):
    serializer_class = shapes.BiopsySerializer

    def get_queryset(self) -> QuerySet[Biopsy]:
        return biopsies_of(self.request.user)


class Images(ListView):
    serializer_class = shapes.ImageSerializer
    pagination_class = ByUpload

    def get_queryset(self) -> QuerySet[BiopsyImage]:
        found = images_of(self.request.user)
        digest = filter_text(self.request, "sha256")
        if biopsy := filter_id(self.request, "biopsy"):
            found = found.filter(biopsy=biopsy)
        if case := filter_id(self.request, "case"):
            found = found.filter(biopsy__case=case)
        return found.filter(original__sha256=digest.lower()) if digest else found

    @extend_schema(operation_id="images_list", parameters=[*ids("biopsy", "case"), *texts("sha256")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneImage(OneView):
    serializer_class = shapes.ImageSerializer

    def get_queryset(self) -> QuerySet[BiopsyImage]:
        return images_of(self.request.user)
