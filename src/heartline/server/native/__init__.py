"""The native HTTP API: decode, use case, encode."""
