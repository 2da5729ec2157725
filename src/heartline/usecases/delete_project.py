"""Delete an empty project with the views that were kept of it. Never a run, nor its memory."""

from heartline.core.records import Project
from heartline.ports import Transaction

OWN_VIEW, VIEW, VIEW_TEXT = "view", "wandb-view", "wandb-view-text"
"""Documents of our own app, and those of the other client: reports and workspaces are its views."""


def delete_project(tx: Transaction, project: Project) -> None:
    """A later project of this name begins with nothing; which runs were deleted is remembered."""
    scope = f"{project.entity}/{project.name}"
    for kind in (OWN_VIEW, VIEW, VIEW_TEXT):
        for name in list(tx.accounts.documents(kind, scope)):
            tx.accounts.delete_document(kind, scope, name)
    tx.accounts.delete_project(project.entity, project.name)
