"""What the curators were told."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import CURATE, may, needs
from webapp.portal.registry.words import notice_said
from webapp.registry.notices import notices_of, notices_read, notices_unread

NOTICES_A_PAGE = 30
MOST_SAID = 99


@needs(CURATE)
@require_safe
def notices(request: PersonRequest) -> HttpResponse:
    page = Paginator(notices_of(request.user), NOTICES_A_PAGE).get_page(request.GET.get("page"))
    unread = set(notices_unread(request.user).values_list("pk", flat=True))
    lines = [(notice, *notice_said(notice), notice.pk in unread) for notice in page.object_list]
    context = {"lines": lines, "page": page, "unread": len(unread)}
    return render(request, "registry/notices.html", context)


@needs(CURATE)
@require_POST
def notices_mark(request: PersonRequest) -> HttpResponse:
    """All of them are read by this person."""
    notices_read(user=request.user)
    return redirect("notices")


def bell(request: HttpRequest) -> dict[str, object]:
    """For the bar of every page: how many notices this person has not read; asked only where it is shown."""

    def count() -> int | None:
        user = getattr(request, "user", None)
        if user is None or not may(user, CURATE):
            return None
        return min(notices_unread(user).count(), MOST_SAID)

    return {"notices_count": count}
