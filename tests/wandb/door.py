"""GraphQL over the wire as one user, without the client."""

import base64
from typing import Any

import httpx


class Door:
    """Posts GraphQL as one user."""

    def __init__(self, base_url: str, key: str) -> None:
        secret = base64.b64encode(f"api:{key}".encode()).decode()
        self.http = httpx.Client(
            base_url=base_url, headers={"Authorization": f"Basic {secret}"}, timeout=30
        )

    def post(self, query: str, **variables: Any) -> Any:
        answer = self.http.post("/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def data(self, query: str, **variables: Any) -> Any:
        answer = self.post(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    def error(self, query: str, **variables: Any) -> str:
        answer = self.post(query, **variables)
        return " | ".join(each["message"] for each in answer["errors"])
