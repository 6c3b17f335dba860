"""Addresses of data sets and their files."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
