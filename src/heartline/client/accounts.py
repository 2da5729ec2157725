"""Users, keys, teams and organisations over HTTP. Never stores or prints a key."""

from heartline.client.calls import Calls
from heartline.client.transport import quoted
from heartline.wire import api


class Accounts:
    """What an admin of a server may do with accounts."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def users(self) -> list[api.UserView]:
        """All users."""
        return self._calls.get("/api/v1/users", list[api.UserView])

    def create_user(self, user: api.NewUser) -> api.UserMade:
        """A new user with a first key, told once."""
        return self._calls.send("POST", "/api/v1/users", user, api.UserMade, once=True)

    def update_user(self, name: str, changes: api.UserUpdate) -> api.UserView:
        """Disable, make admin, set the password or the default entity."""
        return self._calls.send("PATCH", f"/api/v1/users/{quoted(name)}", changes, api.UserView)

    def delete_user(self, name: str) -> None:
        """Forget a user who owns no project."""
        self._calls.send("DELETE", f"/api/v1/users/{quoted(name)}", {}, dict[str, bool])

    def keys(self, name: str) -> list[api.KeyMade]:
        """A user's keys, by id and last letters."""
        return self._calls.get(f"/api/v1/users/{quoted(name)}/keys", list[api.KeyMade])

    def create_key(self, name: str, key: api.NewKey) -> api.KeyMade:
        """One more key, told once."""
        path = f"/api/v1/users/{quoted(name)}/keys"
        return self._calls.send("POST", path, key, api.KeyMade, once=True)

    def delete_key(self, name: str, key_id: str) -> None:
        """Revoke a key at once."""
        path = f"/api/v1/users/{quoted(name)}/keys/{quoted(key_id)}"
        self._calls.send("DELETE", path, {}, dict[str, bool])

    def create_organisation(self, name: str, admin: str) -> None:
        """An organisation and its first admin."""
        body = api.NewOrganisation(name, admin)
        self._calls.send("POST", "/api/v1/orgs", body, dict[str, str], once=True)

    def organisations(self) -> list[str]:
        """Those that you may see."""
        return self._calls.get("/api/v1/orgs", list[str])

    def create_team(self, team: api.NewTeam) -> None:
        """A team and its first admin."""
        self._calls.send("POST", "/api/v1/teams", team, dict[str, str], once=True)

    def teams(self) -> list[dict[str, str]]:
        """Those that you may see, with their organisations."""
        return self._calls.get("/api/v1/teams", list[dict[str, str]])

    def set_member(self, team: str, user: str, role: str) -> None:
        """Add somebody to a team or organisation, or change the role."""
        path = f"/api/v1/teams/{quoted(team)}/members"
        self._calls.send("POST", path, api.MemberBody(user, role), dict[str, str])

    def members(self, team: str) -> list[dict[str, str]]:
        """Who belongs to a team or organisation, with roles."""
        return self._calls.get(f"/api/v1/teams/{quoted(team)}/members", list[dict[str, str]])
