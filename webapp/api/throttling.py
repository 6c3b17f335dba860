"""So many requests a minute: of a token, of a person, or of an address without either."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from django.conf import settings as django_settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from webapp.accounts.models import ApiToken

settings: Any = django_settings
WINDOW_S = 60


class MinuteThrottle(BaseThrottle):
    """Counts in the cache that all processes share; a minute's count begins anew with the minute."""

    def allow_request(self, request: Request, view: Any) -> bool:
        who, most = self._who(request)
        self.now = time.time()
        name = f"api:{hashlib.sha256(who.encode()).hexdigest()}:{int(self.now // WINDOW_S)}"
        if cache.add(name, 1, 2 * WINDOW_S):
            return True
        try:
            return cache.incr(name) <= most
        except ValueError:  # it was thrown out between the two
            return True

    def wait(self) -> float:
        return WINDOW_S - self.now % WINDOW_S

    def _who(self, request: Request) -> tuple[str, int]:
        if isinstance(request.auth, ApiToken):
            return f"token {request.auth.pk}", settings.MEDULA_API_TOKEN_RATE
        if request.user.is_authenticated:
            return f"person {request.user.pk}", settings.MEDULA_API_TOKEN_RATE
        return f"address {self.get_ident(request)}", settings.MEDULA_API_VISITOR_RATE
