"""Commands of `manage.py` that need several apps at once."""
