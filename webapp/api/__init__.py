"""/api/v1: serializers and views only; every rule lives in the apps below."""
