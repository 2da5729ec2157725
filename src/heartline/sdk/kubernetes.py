"""What Kubernetes says of the pod that a run lives in. Bounded, and silent outside of one.

Needs the pod's own service account to be mounted, with the right to get pods. What became of this
very container cannot be read here: who asks lives in it.
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heartline.client.transport import quoted

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
ASK_S = 1.0
POD_BYTES_MAX = 4 * 2**20
DISRUPTED = "DisruptionTarget"
EVICTED = frozenset(
    {"Evicted", "Preempting", "Preempted", "NodeShutdown", "Terminated", "NodeLost"}
)
"""Reasons of a pod's end by which its place was taken away, not its work ended."""
DEADLINE = "DeadlineExceeded"


def known(environ: Mapping[str, str], host: str, account: Path | None = None) -> dict[str, str]:
    """How to ask about this pod; empty outside of one, or where no account is mounted."""
    account = account or ACCOUNT
    server, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    try:
        space = environ.get("POD_NAMESPACE") or (account / "namespace").read_text("utf-8").strip()
        mounted = all((account / name).is_file() for name in ("token", "ca.crt"))
    except OSError:
        return {}
    if not (server and port and space and mounted):
        return {}
    pod = environ.get("POD_NAME") or host
    return {
        "server": server, "port": port, "account": str(account),
        "path": f"/api/v1/namespaces/{quoted(space)}/pods/{quoted(pod)}",
    }  # fmt: skip


def ask(how: Mapping[str, str]) -> tuple[str, str]:
    """(kind, what it said) of the pod's end.

    Empty if it is not ending, or nobody answers in time.
    """
    found: list[Mapping[str, Any]] = []

    def read() -> None:
        try:
            found.append(_pod(how))
        except (OSError, ValueError):
            return

    # A thread, so that the bound holds for all of name, handshake and a body that trickles.
    asking = threading.Thread(target=read, daemon=True)
    asking.start()
    asking.join(ASK_S)
    return of_pod(found[0]) if found else ("", "")


def _pod(how: Mapping[str, str]) -> Mapping[str, Any]:
    import http.client
    import ssl

    account = Path(how["account"])
    trust = ssl.create_default_context(cafile=str(account / "ca.crt"))
    server = http.client.HTTPSConnection(
        how["server"], int(how["port"]), timeout=ASK_S, context=trust
    )
    token = (account / "token").read_text("utf-8").strip()
    try:
        server.request("GET", how["path"], headers={"Authorization": f"Bearer {token}"})
        answer = server.getresponse()
        said = json.loads(answer.read(POD_BYTES_MAX)) if answer.status == 200 else {}
    except http.client.HTTPException as error:
        raise OSError(str(error)) from None
    finally:
        server.close()
    return said if isinstance(said, dict) else {}


def of_pod(pod: Mapping[str, Any]) -> tuple[str, str]:
    """From a pod resource: taken away, over its time, or deleted by somebody."""
    status, metadata = pod.get("status") or {}, pod.get("metadata") or {}
    reason = str(status.get("reason") or "")
    for each in status.get("conditions") or ():
        if each.get("type") == DISRUPTED and each.get("status") == "True":
            return "preempted", _said(each)
    if reason in EVICTED:
        return "preempted", _said(status)
    if reason == DEADLINE:
        return "time_limit", _said(status)
    if metadata.get("deletionTimestamp"):
        return "cancelled", f"Kubernetes: the pod was deleted ({metadata['deletionTimestamp']})"
    return "", ""


def _said(of: Mapping[str, Any]) -> str:
    told = [str(of[word]) for word in ("reason", "message") if of.get(word)]
    return ": ".join(["Kubernetes", *told])
