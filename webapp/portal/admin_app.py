"""Makes the curators' site the one that `admin.site` names."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class CuratorAdminConfig(AdminConfig):
    default_site = "webapp.portal.admin_site.CuratorSite"
