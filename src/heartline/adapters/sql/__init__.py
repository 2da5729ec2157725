"""All stores over SQLAlchemy Core: SQLite on a laptop, PostgreSQL for a team. One code path."""
