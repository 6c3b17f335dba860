"""Headers that every answer carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# The one rule that OpenSeadragon 6.1.1 writes into the page (no focus ring on touch screens), by its hash.
VIEWER_STYLE = "'sha256-9xTiqzfwFaL2SGb1rmr8gysEwVVjIvqWAgmZgqFqpEE='"

# Everything comes from this host: a hospital may have no internet, and a page that cannot call out leaks
# nothing. `data:` is for the icons inside Bootstrap's style sheet.
POLICY = "; ".join(
    [
        "default-src 'self'",
        f"style-src 'self' {VIEWER_STYLE}",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


class SecurityHeadersMiddleware:
    """Where content may come from and where it may be kept, on every answer, static files included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # The next person at this computer must not find a page with patients by going back.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
