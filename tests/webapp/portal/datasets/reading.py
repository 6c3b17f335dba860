"""What an answer says."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))
