"""Data sets, imports, samples and versions in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from segmentation.errors import MedulaError
from webapp.accounts.models import User
from webapp.datasets.models import Dataset, DatasetImport, DatasetVersion, Sample
from webapp.datasets.services import dataset_change, mask_request, sample_change, samples_review
from webapp.portal.admin.walled import WalledAdmin
from webapp.portal.datasets.reports import import_report
from webapp.portal.modalities import modality_name
from webapp.portal.states import job_sentence

OF_DATASET = ("dataset", admin.RelatedOnlyFieldListFilter)


@admin.register(Dataset)
class DatasetAdmin(WalledAdmin):
    editable = True
    list_display = ["name", "source", "licence", "samples_count", "waiting_count", "approved_count", "page"]
    search_fields = ["name", "source", "description"]
    fields = ["name", "description", "source", "licence", "page", "created_by", "created_at", "archived_at"]
    readonly_fields = ["page", "created_by", "created_at", "archived_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                n_samples=Count("samples"),
                n_waiting=Count("samples", filter=Q(samples__review=Sample.Review.WAITING)),
                n_approved=Count("samples", filter=Q(samples__review=Sample.Review.APPROVED)),
            )
        )

    @admin.display(description=_("samples"), ordering="n_samples")
    def samples_count(self, row: Any) -> int:
        return int(row.n_samples)

    @admin.display(description=_("waiting"), ordering="n_waiting")
    def waiting_count(self, row: Any) -> int:
        return int(row.n_waiting)

    @admin.display(description=_("approved"), ordering="n_approved")
    def approved_count(self, row: Any) -> int:
        return int(row.n_approved)

    @admin.display(description=_("page"))
    def page(self, row: Dataset) -> str:
        return format_html('<a href="{}">{}</a>', reverse("dataset", args=[row.pk]), _("Open"))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        """A name is taken or free within the clinic, which is no field of the form."""
        kind: type[forms.ModelForm] = super().get_form(request, obj, change, **kwargs)

        class Form(kind):  # type: ignore[valid-type,misc]
            def clean_name(self) -> str:
                name: str = self.cleaned_data["name"].strip()
                same = Dataset.objects.filter(clinic_id=self.instance.clinic_id, name=name)
                if same.exclude(pk=self.instance.pk).exists():
                    refusal = MedulaError("dataset_name_taken", name=name)
                    raise forms.ValidationError(refusal.sentence(get_language() or "es"))
                return name

        return Form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        written = {name: form.cleaned_data[name] for name in ("name", "description", "source", "licence")}
        dataset_change(dataset=obj, **written)


@admin.register(DatasetImport)
class DatasetImportAdmin(WalledAdmin):
    list_display = ["name", "dataset", "layout", "state", "came", "created_by", "created_at"]
    list_filter = [OF_DATASET, "layout", "job__state"]
    list_select_related = ["dataset", "job", "created_by"]
    search_fields = ["name"]
    fields = [
        "name",
        "dataset",
        "layout",
        "settings",
        "state",
        "sentence",
        "report",
        "created_by",
        "created_at",
    ]

    @admin.display(description=_("state"), ordering="job__state")
    def state(self, row: DatasetImport) -> str:
        return row.job.get_state_display()

    @admin.display(description=_("what went wrong"))
    def sentence(self, row: DatasetImport) -> str:
        return job_sentence(row.job) or "—"

    @admin.display(description=_("added / known / skipped"))
    def came(self, row: DatasetImport) -> str:
        report = import_report(row)
        return f"{report.added} / {report.known} / {report.skipped_count}" if report else "—"


@admin.register(Sample)
class SampleAdmin(WalledAdmin):
    editable = True
    list_display = [
        "small", "name", "of_dataset", "review", "origin", "nuclei", "category", "group", "modality_said",
    ]  # fmt: skip
    list_display_links = ["small", "name"]
    list_filter = ["review", "origin", OF_DATASET, "category", "modality", "specimen", "stain"]
    list_select_related = ["dataset", "thumbnail", "reviewed_by"]
    search_fields = ["name", "group", "category", "source"]
    fields = [
        "small", "name", "of_dataset", "group", "category", "specimen", "stain", "review", "reviewed_by",
        "reviewed_at", "origin", "nuclei", "modality_said", "source", "licence", "page",
    ]  # fmt: skip
    readonly_fields = [
        "small", "name", "of_dataset", "review", "reviewed_by", "reviewed_at", "origin", "nuclei",
        "modality_said", "source", "licence", "page",
    ]  # fmt: skip
    written = ("group", "category", "specimen", "stain")
    actions = ["approve", "reject", "put_back", "draw_masks"]

    @admin.display(description=_("picture"))
    def small(self, row: Sample) -> str:
        if row.thumbnail is None:
            return "—"
        address = reverse("sample_thumbnail", args=[row.pk, row.thumbnail.sha256])
        return format_html('<img src="{}" width="72" height="72" alt="" loading="lazy">', address)

    @admin.display(description=_("data set"), ordering="dataset__name")
    def of_dataset(self, row: Sample) -> str:
        return row.dataset.name

    @admin.display(description=_("nuclei"), ordering="nuclei_count")
    def nuclei(self, row: Sample) -> str:
        return "—" if row.nuclei_count is None else str(row.nuclei_count)

    @admin.display(description=_("kind of picture"), ordering="modality")
    def modality_said(self, row: Sample) -> str:
        return str(modality_name(row.modality)) or "—"

    @admin.display(description=_("page"))
    def page(self, row: Sample) -> str:
        return format_html('<a href="{}">{}</a>', reverse("sample", args=[row.pk]), _("Open"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        sample_change(sample=obj, **{name: form.cleaned_data[name] for name in self.written})

    @admin.action(description=_("Approve"), permissions=["act"])
    def approve(self, request: HttpRequest, rows: QuerySet[Sample]) -> None:
        self._review(request, rows, Sample.Review.APPROVED)

    @admin.action(description=_("Reject"), permissions=["act"])
    def reject(self, request: HttpRequest, rows: QuerySet[Sample]) -> None:
        self._review(request, rows, Sample.Review.REJECTED)

    @admin.action(description=_("Put back to review"), permissions=["act"])
    def put_back(self, request: HttpRequest, rows: QuerySet[Sample]) -> None:
        self._review(request, rows, Sample.Review.WAITING)

    def _review(self, request: HttpRequest, rows: QuerySet[Sample], review: str) -> None:
        assert isinstance(request.user, User)
        try:
            n = samples_review(user=request.user, sample_ids=rows.values_list("pk", flat=True), review=review)
        except MedulaError as refusal:
            self.refused(request, refusal)
            return
        said = ngettext("%(n)d sample was reviewed.", "%(n)d samples were reviewed.", n)
        self.message_user(request, said % {"n": n}, messages.SUCCESS)

    @admin.action(description=_("Draw the masks by pixel filtering"), permissions=["act"])
    def draw_masks(self, request: HttpRequest, rows: QuerySet[Sample]) -> None:
        assert isinstance(request.user, User)
        asked = 0
        for sample in rows:
            try:
                mask_request(sample=sample, user=request.user)
            except MedulaError as refusal:
                self.refused(request, refusal)
            else:
                asked += 1
        if asked:
            said = ngettext("%(n)d mask will be drawn.", "%(n)d masks will be drawn.", asked)
            self.message_user(request, said % {"n": asked}, messages.SUCCESS)


@admin.register(DatasetVersion)
class DatasetVersionAdmin(WalledAdmin):
    list_display = ["__str__", "state", "short", "created_by", "created_at", "page"]
    list_filter = [OF_DATASET]
    list_select_related = ["dataset", "job", "created_by"]
    fields = [
        "dataset",
        "number",
        "seed",
        "state",
        "digest",
        "statistics",
        "page",
        "created_by",
        "created_at",
    ]

    @admin.display(description=_("state"), ordering="job__state")
    def state(self, row: DatasetVersion) -> str:
        return row.job.get_state_display()

    @admin.display(description="sha256")
    def short(self, row: DatasetVersion) -> str:
        return f"{row.digest[:8]}…" if row.digest else "—"

    @admin.display(description=_("page"))
    def page(self, row: DatasetVersion) -> str:
        return format_html('<a href="{}">{}</a>', reverse("version", args=[row.pk]), _("Open"))
