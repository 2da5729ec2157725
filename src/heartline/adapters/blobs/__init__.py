"""Bytes by name, on local disk or in an object store."""
