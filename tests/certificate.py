"""A certificate that a test's own server shows; trusted by nobody but that test."""

import subprocess
from pathlib import Path

import pytest


def certify(folder: Path, name: str, place: str, kept_as: str) -> None:
    """`key.pem` and the certificate in a folder, for `place`, such as `DNS:tracker.test`."""
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", f"/CN={name}", "-addext", f"subjectAltName={place}",
         "-keyout", "key.pem", "-out", kept_as],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
