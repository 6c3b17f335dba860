"""The row of a stored file. The bytes themselves live in storage, under a name made of their sha256."""

from __future__ import annotations

import uuid

from django.db import models


class StoredFile(models.Model):
    """One file of a clinic. Written once, never changed: other bytes are another row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    path = models.CharField(max_length=300, help_text="Relative to the storage root.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "sha256"], name="one_stored_file_per_clinic_and_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} ({self.media_type})"
