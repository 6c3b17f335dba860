"""Sign in, sign out, password, language. Only these of allauth's pages exist: nothing is public."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import path

from webapp.accounts import token_pages
from webapp.accounts.views import set_language

urlpatterns = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/password/", account.password_change, name="account_change_password"),
    path("accounts/tokens/", token_pages.tokens, name="tokens"),
    path("accounts/tokens/<uuid:token_id>/revoke/", token_pages.token_end, name="token_revoke"),
    path("language/", set_language, name="set_language"),
]
