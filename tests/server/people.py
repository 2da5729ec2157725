"""One user for each role in a team, and one who is not in it."""

from tests.server_process import ServerProcess

TEAM = "vision"
ROLES = ("admin", "member", "viewer", "stranger")


def invite(server: ServerProcess) -> dict[str, str]:
    """The keys of a team's people, by role."""
    found = {}
    with server.client() as admin:
        for role in ROLES:
            made = admin.post(
                "/api/v1/users", json={"name": f"the-{role}", "password": "password1"}
            )
            assert made.status_code == 201, made.text
            found[role] = made.json()["api_key"]
        made = admin.post("/api/v1/teams", json={"name": TEAM, "admin": "the-admin"})
        assert made.status_code == 201, made.text
        for role in ("member", "viewer"):
            body = {"user": f"the-{role}", "role": role}
            assert admin.post(f"/api/v1/teams/{TEAM}/members", json=body).status_code == 201
    return found
