"""The reference `AccountStore`, `FileStore` and `ClockStore`. Never quick, never persistent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from heartline.adapters.memory.state import State
from heartline.core.lifecycle.time import AliveClock
from heartline.core.records import ApiKey, FileRecord, Membership, Project, RunKey, Team, User
from heartline.core.texts import clean, clean_values


class MemoryAccounts:
    """`AccountStore`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def user(self, name: str) -> User | None:
        """By name."""
        return self._state.users.get(name)

    def users(self, *, hold: bool = False) -> Sequence[User]:
        """All, by name; one unit at a time writes."""
        return [self._state.users[name] for name in sorted(self._state.users)]

    def put_user(self, user: User) -> None:
        """Add or change; the password stays."""
        self._state.users[user.name] = user

    def delete_user(self, name: str) -> None:
        """Forget, with keys and memberships."""
        state = self._state
        state.users.pop(name, None)
        state.passwords.pop(name, None)
        for key in [each.id for each in state.api_keys.values() if each.user == name]:
            del state.api_keys[key]
        for place in [place for place in state.memberships if place[1] == name]:
            del state.memberships[place]

    def set_password(self, user: str, digest: str) -> None:
        """Store a password's digest."""
        if user in self._state.users:
            self._state.passwords[user] = digest

    def password(self, user: str) -> str | None:
        """The digest, if the user has a password."""
        return self._state.passwords.get(user)

    def user_by_key(self, digest: str) -> User | None:
        """Whose key this is."""
        keys = self._state.api_keys.values()
        owner = next((key.user for key in keys if key.digest == digest), "")
        return self._state.users.get(owner)

    def keys(self, user: str) -> Sequence[ApiKey]:
        """A user's keys, oldest first."""
        mine = [key for key in self._state.api_keys.values() if key.user == user]
        return sorted(mine, key=lambda key: key.created_at)

    def put_key(self, key: ApiKey) -> None:
        """Add a key."""
        self._state.api_keys[key.id] = key

    def delete_key(self, key_id: str) -> None:
        """Revoke a key."""
        self._state.api_keys.pop(key_id, None)

    def team(self, name: str) -> Team | None:
        """By name."""
        return self._state.teams.get(name)

    def teams(self, org: str | None = None) -> Sequence[Team]:
        """All, or those of an organisation."""
        teams = [self._state.teams[name] for name in sorted(self._state.teams)]
        return [team for team in teams if org is None or team.org == org]

    def put_team(self, team: Team) -> None:
        """Add or change."""
        self._state.teams[team.name] = team

    def organisations(self) -> Sequence[str]:
        """All names."""
        return sorted(self._state.organisations)

    def put_organisation(self, name: str, created_at: int) -> None:
        """Add, unless it is there."""
        self._state.organisations.setdefault(name, created_at)

    def memberships(self, *, user: str = "", entity: str = "") -> Sequence[Membership]:
        """Of a user, or of a team or organisation."""
        return [
            self._state.memberships[place]
            for place in sorted(self._state.memberships)
            if place[0] == (entity or place[0]) and place[1] == (user or place[1])
        ]

    def put_membership(self, membership: Membership) -> None:
        """Add or change a role."""
        self._state.memberships[membership.entity, membership.user] = membership

    def delete_membership(self, entity: str, user: str) -> None:
        """Take out of a team or organisation."""
        self._state.memberships.pop((entity, user), None)

    def project(self, entity: str, name: str) -> Project | None:
        """By entity and name."""
        return self._state.projects.get((entity, name))

    def projects(self, entities: Sequence[str]) -> Sequence[Project]:
        """Of these entities, newest first."""
        mine = [p for p in self._state.projects.values() if p.entity in set(entities)]
        return sorted(mine, key=lambda project: (-project.created_at, project.name))

    def put_project(self, project: Project) -> None:
        """Add, or change the description."""
        old = self._state.projects.get((project.entity, project.name), project)
        new = Project(old.entity, old.name, old.created_at, project.description)
        self._state.projects[project.entity, project.name] = new

    def delete_project(self, entity: str, name: str) -> None:
        """Forget an empty project."""
        self._state.projects.pop((entity, name), None)

    def document(self, kind: str, scope: str, name: str) -> Mapping[str, Any] | None:
        """A small JSON document."""
        body = self._state.documents.get((kind, clean(scope), clean(name)))
        return None if body is None else msgspec.json.decode(body)

    def documents(self, kind: str, scope: str) -> Mapping[str, Mapping[str, Any]]:
        """All of a kind and scope by name."""
        return {
            place[2]: msgspec.json.decode(self._state.documents[place])
            for place in sorted(self._state.documents)
            if place[:2] == (kind, clean(scope))
        }

    def put_document(self, kind: str, scope: str, name: str, body: Mapping[str, Any]) -> None:
        """Add or replace."""
        place = (kind, clean(scope), clean(name))
        self._state.documents[place] = msgspec.json.encode(clean_values(body))

    def delete_document(self, kind: str, scope: str, name: str) -> bool:
        """Forget it; whether it was there."""
        return self._state.documents.pop((kind, clean(scope), clean(name)), None) is not None


class MemoryFiles:
    """`FileStore`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def put(self, run: RunKey, file: FileRecord) -> None:
        """Add or replace."""
        file = replace(file, path=clean(file.path), mimetype=clean(file.mimetype))
        self._state.files[run, file.path] = file

    def get(self, run: RunKey, path: str) -> FileRecord | None:
        """One file by its path."""
        return self._state.files.get((run, clean(path)))

    def list(self, run: RunKey) -> Sequence[FileRecord]:
        """All files of a run, by path."""
        return [self._state.files[p] for p in sorted(self._state.files) if p[0] == run]

    def delete(self, run: RunKey, path: str) -> FileRecord | None:
        """Forget a file; what it was."""
        return self._state.files.pop((run, clean(path)), None)


class MemoryClock:
    """`ClockStore`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def load(self) -> AliveClock:
        """The clock as last ticked."""
        return self._state.clock

    def swap(self, seen: AliveClock, new: AliveClock) -> bool:
        """Store `new` if nobody ticked since `seen`."""
        if self._state.clock.version != seen.version:
            return False
        self._state.clock = new
        return True
