"""The truth about queued work: the Job row, its claim, its lease, the sweep and the doorbell."""
