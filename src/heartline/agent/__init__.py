"""Starts programs and tells how they end. Never decides a run's state: it carries evidence."""
