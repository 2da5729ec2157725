"""Heartline: experiment tracking whose run states are true and explained."""

__version__ = "0.1.0"
