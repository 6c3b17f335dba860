"""What the admin shows. Every list is walled by clinic, every right follows from the role."""

from webapp.portal.admin import datasets, jobs, people, registry

__all__ = ["datasets", "jobs", "people", "registry"]
