"""The page on which a person makes and revokes keys for programs."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from segmentation.errors import DataError
from webapp.accounts.models import ApiToken, User
from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import READ, needs
from webapp.accounts.tokens import scopes_open_to, token_create, token_revoke

DAYS = ((30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("One year")))


class TokenForm(forms.Form):
    """What a new token is for, what it may do and for how long."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("What will use it, such as “microscope 2”."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"), widget=forms.CheckboxSelectMultiple, initial=[READ]
    )
    days = forms.TypedChoiceField(label=gettext_lazy("Expires after"), choices=DAYS, coerce=int, initial=90)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(ApiToken.Scope.choices)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(scope, labels[scope]) for scope in scopes_open_to(user)]


@needs(READ)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: PersonRequest) -> HttpResponse:
    """The person's own tokens. A new secret is in this one answer and nowhere else."""
    form = TokenForm(request.POST or None, user=request.user)
    made: ApiToken | None = None
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = token_create(user=request.user, **form.cleaned_data)
        except DataError as refusal:
            form.add_error(None, refusal.sentence(get_language() or "es"))
        else:
            form = TokenForm(user=request.user)
    context = {
        "form": form,
        "made": made,
        "secret": secret,
        "rows": ApiToken.objects.filter(user=request.user),
        "now": timezone.now(),
        "labels": dict(ApiToken.Scope.choices),
    }
    return render(request, "account/tokens.html", context)


@needs(READ)
@require_POST
def token_end(request: PersonRequest, token_id: uuid.UUID) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
    token_revoke(token=token)
    messages.success(
        request, _("“%(name)s” is revoked: programs that use it are turned away.") % {"name": token.name}
    )
    return redirect("tokens")
