"""What is looked at for a while: a view as of the last look, the rest read when asked. No rules."""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Protocol, Self, TypeVar

from heartline.client.calls import Calls
from heartline.client.transport import quoted


class Placed(Protocol):
    """What a view says of where its thing belongs."""

    id: str
    name: str
    entity: str
    project: str


V = TypeVar("V", bound=Placed)
D = TypeVar("D")


class Shown(ABC, Generic[V, D]):
    """One thing of a project. What is shown of it is as of the last `refresh()`."""

    _kind: ClassVar[str]

    def __init__(self, calls: Calls, view: V) -> None:
        self._calls, self._view = calls, view
        self._detail: D | None = None
        self._address = f"/api/v1/{self._kind}/{quoted(view.entity, view.project, view.id)}"

    @property
    def view(self) -> V:
        """Everything that the server lists of it."""
        return self._view

    @property
    def id(self) -> str:
        """Its name in addresses; unique within its project."""
        return self._view.id

    @property
    def name(self) -> str:
        """Its name for people."""
        return self._view.name

    @property
    def entity(self) -> str:
        """Whose it is: a user or a team."""
        return self._view.entity

    @property
    def project(self) -> str:
        """Its project."""
        return self._view.project

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return f"{self._view.entity}/{self._view.project}/{self._view.id}"

    @property
    def url(self) -> str:
        """Its page in the app."""
        place = quoted(self.entity, self.project, self._kind, self.id)
        return f"{self._calls.base_url}/{place}"

    def refresh(self) -> Self:
        """Read it again."""
        self._detail = None
        self._whole()
        return self

    def _whole(self) -> D:
        if self._detail is None:
            self._detail, self._view = self._read()
        return self._detail

    def _changed(self, view: V) -> Self:
        """The server has answered what it is now; the rest is read when asked."""
        self._view, self._detail = view, None
        return self

    @abstractmethod
    def _read(self) -> tuple[D, V]:
        """Everything of it, and the view therein."""
