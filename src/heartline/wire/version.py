"""The version of Heartline: said by client and server to each other. Never anything else."""

VERSION = "0.1.0"
