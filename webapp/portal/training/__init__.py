"""The pages of trainings, tunings and evaluations."""
