"""Sweeps: configuration, space, searchers, early stopping, and their own status machine. Never I/O."""
