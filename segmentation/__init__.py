"""The bench: pictures in, nuclei out. Knows no Django, no Celery and no database."""
