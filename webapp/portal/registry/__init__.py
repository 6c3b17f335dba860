"""The pages of the networks: which is in use, what the gate said, the rules that retrain, notices."""
