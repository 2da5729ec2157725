"""Those who keep the promises of `ports`. Never decide anything about a run."""
