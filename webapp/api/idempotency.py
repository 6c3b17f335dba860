"""`Idempotency-Key`: a request that comes twice, because the answer was lost, is done once."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from segmentation.errors import DataError
from webapp.api.models import IdempotencyKey
from webapp.jobs.leases import is_running, process_started, this_host

HEADER = "Idempotency-Key"
KEY_MOST = 200
KEPT = timedelta(hours=48)
GIVEN_UP = timedelta(minutes=10)
_VISIBLE = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT_HEADERS = ("Location",)

Handler = Callable[..., Response]


def idempotent(*, atomic: bool = True) -> Callable[[Handler], Handler]:
    """For a view's `post`. With `atomic`, the rows and the kept answer are one transaction: a server that
    is killed between leaves neither. Without, the work itself must bear being done twice."""

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return handler(view, request, *args, **kwargs)
            if not _VISIBLE.fullmatch(key):
                raise DataError("key_invalid", most=KEY_MOST)
            row, is_ours = _begin(request, key)
            if not is_ours:
                return _first_answer(row)
            try:
                with transaction.atomic() if atomic else nullcontext():
                    response = handler(view, request, *args, **kwargs)
                    _keep(row, response)
            except BaseException:
                # A refusal is worked out anew each time: it may have been put right meanwhile.
                IdempotencyKey.objects.filter(pk=row.pk, status=None).delete()
                raise
            return response

        return once

    return decorate


@transaction.atomic
def _begin(request: Request, key: str) -> tuple[IdempotencyKey, bool]:
    """The row of this key, and whether this request is to do the work."""
    user, now = request.user, timezone.now()
    IdempotencyKey.objects.filter(user=user, created_at__lt=now - KEPT).delete()
    print_ = fingerprint(request)
    ours = {"pid": os.getpid(), "started": process_started(os.getpid()), "host": this_host()}
    row, created = IdempotencyKey.objects.select_for_update().get_or_create(
        user=user, key=key, defaults={"fingerprint": print_, "headers": ours}
    )
    if created:
        return row, True
    if row.fingerprint != print_:
        raise DataError("key_other_body")
    if row.status is not None:
        return row, False
    if not _is_abandoned(row):
        raise DataError("key_running")
    row.headers, row.created_at = ours, now
    row.save(update_fields=["headers", "created_at"])
    return row, True


def _is_abandoned(row: IdempotencyKey) -> bool:
    """Its process is gone, so nobody will ever write the answer."""
    if row.created_at < timezone.now() - GIVEN_UP:
        return True
    same_host = row.headers.get("host") == this_host()
    return same_host and not is_running(row.headers.get("pid"), row.headers.get("started"))


def _keep(row: IdempotencyKey, response: Response) -> None:
    IdempotencyKey.objects.filter(pk=row.pk).update(
        status=response.status_code,
        body=json.loads(JSONRenderer().render(response.data) or b"null"),
        headers={name: response[name] for name in _KEPT_HEADERS if name in response.headers},
    )


def _first_answer(row: IdempotencyKey) -> Response:
    return Response(row.body, status=row.status, headers={**row.headers, "Idempotency-Replayed": "true"})


def fingerprint(request: Request) -> str:
    """Of method, path and body: fields by name, files by name and bytes."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data = request.data
    if isinstance(data, UploadedFile):
        _add_file(digest, "", data)
    elif hasattr(data, "lists"):
        for name, values in sorted(data.lists()):
            for value in values:
                if isinstance(value, UploadedFile):
                    _add_file(digest, name, value)
                else:
                    digest.update(json.dumps([name, str(value)]).encode())
    else:
        digest.update(json.dumps(data, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _add_file(digest: Any, field: str, file: UploadedFile) -> None:
    digest.update(json.dumps([field, file.name, file.size]).encode())
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
