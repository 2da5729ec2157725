"""Resolvers by topic, as the files of the schema are. Never SQL, never a rule: use cases decide."""
