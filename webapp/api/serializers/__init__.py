"""How rows look as JSON, and what may be written. An id is a UUID; times are ISO 8601 with their zone."""
