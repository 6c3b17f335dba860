"""What every app of the front desk shares: stored files, small helpers."""
