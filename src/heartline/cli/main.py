"""The `heartline` command: names every sub-command, and loads one only when it is asked for."""

import importlib

import click

COMMANDS = {"server": "heartline.cli.server"}


class Lazy(click.Group):
    """Sub-commands by module, so that `heartline --help` stays quick."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import on demand."""
        if name not in COMMANDS:
            return None
        found: click.Command = getattr(importlib.import_module(COMMANDS[name]), name)
        return found


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="heartline")
def main() -> None:
    """Heartline: experiment tracking whose run states are true and explained."""


if __name__ == "__main__":
    main()
