"""The Job row: the only truth about a piece of queued work. The broker merely rings."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Lane(models.TextChoices):
    """A lane has its own worker process, so a long training never holds up a picture."""

    LEDGER = "ledger", _("the ledger")
    PICTURES = "pictures", _("pictures")
    TRAINING = "training", _("trainings")
    GPU = "gpu", _("trainings on a GPU")


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Under way")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


ENDED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
MAX_ATTEMPTS = 3


class Job(models.Model):
    """One piece of work. Changed only by the services, leases and sweep beside it, by conditional UPDATEs.

    `attempt` is the fence: it grows with every claim and never shrinks, and whoever works on the job may
    write only while it is still theirs. `attempts_used` counts towards `max_attempts`; an orderly stop
    gives its one back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("asked for by"),
    )  # fmt: skip
    kind = models.CharField(_("kind of work"), max_length=40, help_text="Names the handler that does it.")
    lane = models.CharField(_("lane"), max_length=20, choices=Lane.choices)
    payload = models.JSONField(default=dict, blank=True)
    deadline_s = models.PositiveIntegerField(default=1800)

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    attempts_used = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=MAX_ATTEMPTS)
    cancel_requested = models.BooleanField(default=False)

    not_before = models.DateTimeField(null=True, blank=True, help_text="A fault is given time to pass.")
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=200, blank=True, default="")
    lease_pid = models.PositiveBigIntegerField(null=True, blank=True)
    lease_pid_started = models.FloatField(null=True, blank=True, help_text="Unix time; a pid is reused.")
    beat_at = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(default=timezone.now, help_text="When the lane was last rung for it.")

    checkpoint = models.PositiveIntegerField(
        default=0, help_text="How far the work can go on from; an attempt that moved it does not count."
    )
    step = models.CharField(max_length=40, blank=True, default="")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    error_code = models.CharField(max_length=60, blank=True, default="")
    error_params = models.JSONField(default=dict, blank=True)
    error_id = models.CharField(max_length=16, blank=True, default="")

    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        indexes = [
            models.Index(fields=["lane", "state", "queued_at"], name="job_claim"),
            models.Index(fields=["state", "lease_until"], name="job_sweep"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, lease_until__isnull=False)
                | (~Q(state=State.RUNNING) & Q(lease_until__isnull=True)),
                name="job_runs_exactly_while_leased",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} {self.state}"

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED
