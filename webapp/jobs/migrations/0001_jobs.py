import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_clinics_and_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(help_text="Names the handler that does it.", max_length=40)),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("ledger", "ledger"),
                            ("pictures", "pictures"),
                            ("training", "training"),
                            ("gpu", "gpu"),
                        ],
                        max_length=20,
                    ),
                ),
                ("payload", models.JSONField(blank=True, default=dict)),
                ("deadline_s", models.PositiveIntegerField(default=1800)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("running", "running"),
                            ("succeeded", "succeeded"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="queued",
                        max_length=20,
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("attempts_used", models.PositiveSmallIntegerField(default=0)),
                ("max_attempts", models.PositiveSmallIntegerField(default=3)),
                ("cancel_requested", models.BooleanField(default=False)),
                (
                    "not_before",
                    models.DateTimeField(blank=True, help_text="A fault is given time to pass.", null=True),
                ),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_owner", models.CharField(blank=True, default="", max_length=200)),
                ("lease_pid", models.PositiveBigIntegerField(blank=True, null=True)),
                (
                    "lease_pid_started",
                    models.FloatField(blank=True, help_text="Unix time; a pid is reused.", null=True),
                ),
                ("beat_at", models.DateTimeField(blank=True, null=True)),
                (
                    "rung_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="When the lane was last rung for it."
                    ),
                ),
                ("step", models.CharField(blank=True, default="", max_length=40)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("error_code", models.CharField(blank=True, default="", max_length=60)),
                ("error_params", models.JSONField(blank=True, default=dict)),
                ("error_id", models.CharField(blank=True, default="", max_length=16)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("queued_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.clinic"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["lane", "state", "queued_at"], name="job_claim"),
                    models.Index(fields=["state", "lease_until"], name="job_sweep"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "running", "succeeded", "failed", "cancelled"])
                        ),
                        name="job_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease_until__isnull", False), ("state", "running")),
                            models.Q(
                                models.Q(("state", "running"), _negated=True), ("lease_until__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="job_runs_exactly_while_leased",
                    ),
                ],
            },
        ),
    ]
