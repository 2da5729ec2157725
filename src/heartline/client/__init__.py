"""Typed HTTP clients over the wire records. Never a thread, never a server's import."""
