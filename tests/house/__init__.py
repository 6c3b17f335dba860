"""The house rules, held by tests: who imports whom, sizes, types, style, the lock, the migrations."""
