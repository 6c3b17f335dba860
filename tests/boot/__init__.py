"""The first command and the processes it keeps, tried with real processes in small checkouts."""
