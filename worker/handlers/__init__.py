"""One file a kind of work. Each has `handle(work)`, which returns the function that writes the results."""
