"""The addresses of the API: each parses, calls one service or selector, and answers."""
