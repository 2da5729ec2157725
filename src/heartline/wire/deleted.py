"""The JSON records of deleted runs that are kept aside. Never the runs themselves."""

import msgspec


class DeletedRun(msgspec.Struct, kw_only=True):
    """A deleted run: what it was called, who deleted it and when, and when it is gone for good."""

    key: int
    entity: str
    project: str
    id: str
    name: str
    user: str
    state: str
    created_at: int
    deleted_by: str
    deleted_at: int
    kept_until: int

    @property
    def path(self) -> str:
        """Where it was."""
        return f"{self.entity}/{self.project}/{self.id}"


class DeletedRuns(msgspec.Struct, kw_only=True):
    """The last deleted of a project; `total` counts all that can still be brought back."""

    runs: list[DeletedRun]
    total: int
