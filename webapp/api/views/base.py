"""What every view of the API is made of."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, generics
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Clinic, User
from webapp.accounts.roles import UPLOAD


class ApiView(generics.GenericAPIView):
    """Counts also those who are turned away, so that nobody tries tokens without end."""

    write_scope = UPLOAD
    http_method_names = ["get", "head", "post", "options"]
    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            super().initial(request, *args, **kwargs)
        except (exceptions.AuthenticationFailed, exceptions.NotAuthenticated, exceptions.PermissionDenied):
            self.check_throttles(request)
            raise

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        body = getattr(request, "_full_data", None)
        if isinstance(body, UploadedFile):
            body.close()  # of forms Django does it
        answer = super().finalize_response(request, response, *args, **kwargs)
        # Names and figures of patients stay in no browser and no proxy.
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer

    @property
    def person(self) -> User:
        """Who asks; behind HasScope it is always somebody of a clinic."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    @property
    def clinic(self) -> Clinic:
        clinic = self.person.clinic
        assert clinic is not None
        return clinic

    def checked(self, serializer: Any) -> dict[str, Any]:
        """What was sent, as the serializer understands it."""
        found = serializer(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def created(self, row: Any, serializer: Any, location: str, status: int = 201) -> Response:
        """The new row and where it is."""
        data = serializer(row, context=self.get_serializer_context()).data
        return Response(data, status=status, headers={"Location": location})


class ListView(ApiView, generics.ListAPIView):
    """A page of rows."""


class OneView(ApiView, generics.RetrieveAPIView):
    """One row by its id."""


def one_of(rows: Any, row_id: Any) -> Any:
    """The row among those that may be seen; 404 where it is not."""
    return get_object_or_404(rows, pk=row_id)


def filter_id(request: Request, name: str) -> uuid.UUID | None:
    """The id of a filter in the address; 400 where it is none."""
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise exceptions.ValidationError({name: "UUID"}) from None


def filter_text(request: Request, name: str) -> str:
    return request.query_params.get(name, "").replace("\x00", "").strip()[:200]


def ids(*names: str) -> list[OpenApiParameter]:
    """Filters by id, for the document."""
    return [OpenApiParameter(name, OpenApiTypes.UUID) for name in names]


def texts(*names: str) -> list[OpenApiParameter]:
    return [OpenApiParameter(name, OpenApiTypes.STR) for name in names]


class NotThere(APIView):
    """Whatever is no address: 404 as a problem. One without its last slash is served all the same."""

    permission_classes = [AllowAny]
    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise exceptions.NotFound


_not_there = NotThere.as_view()


@csrf_exempt
def anything_else(request: HttpRequest) -> HttpResponseBase:
    """The last pattern of the API."""
    if not request.path_info.endswith("/"):
        try:
            match = resolve(f"{request.path_info}/")
        except Resolver404:
            return _not_there(request)
        if match.func is not anything_else:
            return match.func(request, *match.args, **match.kwargs)
    return _not_there(request)
