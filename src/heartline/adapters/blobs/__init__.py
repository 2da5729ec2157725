"""Bytes by name: files of runs."""
