"""Hears the bell, reads the ledger, works at the bench, writes the ledger."""
