"""What every app of the front desk shares: typed environment, stored files, the walls between clinics."""
