"""Static files under names that carry a digest, compressed once, kept by the browser for good."""

from __future__ import annotations

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """Our own scripts import one another as modules; vendored files name source maps we do not carry."""

    support_js_module_import_aggregation = True
    # Without the rules for source maps: vendored files stay as published, so their hashes can be checked.
    patterns = tuple(
        (glob, tuple(rule for rule in rules if "sourceMappingURL" not in str(rule)))
        for glob, rules in ManifestStaticFilesStorage.patterns
    )
