"""Annotated pictures: imported, drawn, reviewed, frozen into versions that trainings learn from."""
