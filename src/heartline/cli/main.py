"""The `heartline` command: names every sub-command, and loads one only when it is asked for."""

import importlib
import io
import os
import sys
from typing import Any

import click

COMMANDS = {
    "server": ("server", "Start a Heartline server."),
    "demo": ("demo", "Watch real trainings end in every way, on a real server."),
    "run": ("run", "Run a command, and tell for certain how it ended."),
    "open": ("open", "Open the app in a browser that is signed in."),
    "projects": ("projects", "List projects with their runs by state."),
    "runs": ("runs", "List runs with their state and cause."),
    "show": ("show", "Tell everything about one run: timeline, evidence, ranks."),
    "logs": ("logs", "Print what a run printed."),
    "files": ("files", "List the files of a run, or fetch them."),
    "export": ("export", "Write runs, or what a run logged, to a file."),
    "edit": ("edit", "Change name, notes, tags or group of runs."),
    "delete": ("delete", "Delete runs, or a project with all of them."),
    "undelete": ("undelete", "Bring deleted runs back."),
    "wait": ("wait", "Wait until a run has ended."),
    "stop": ("stop", "Ask runs to stop."),
    "sweep": ("sweep", "Make, steer and look at sweeps."),
    "agent": ("agent", "Run trials of a sweep until it is over."),
    "stacks": ("stacks", "Show where the threads of a running script stand."),
    "attention": ("attention", "List the runs that need a person."),
    "sync": ("sync", "Send what was logged offline, or could not be sent."),
    "login": ("login", "Store the API key of a server."),
    "doctor": ("doctor", "Check this machine and the server, and say how to fix what is wrong."),
    "admin": ("admin", "Make users, keys, organisations and teams."),
    "backup": ("backup", "Copy all data of a server to one file, while it runs."),
    "restore": ("backup", "Put a backup in place of a server's data."),
    "env": ("env", "Print settings for other clients, for your shell."),
}


# `open` is a word of Python's own.
ATTRIBUTES = {"open": "open_app"}


class Lazy(click.Group):
    """Sub-commands by module, so that `heartline --help` stays quick; errors become exit codes."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import on demand."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"heartline.cli.{COMMANDS[name][0]}")
        found: click.Command = getattr(module, ATTRIBUTES.get(name, name))
        return found

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line each, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What scripts need to know."""
        from heartline.cli.exits import described

        with formatter.section("Exit codes"):
            formatter.write(described() + "\n")
        super().format_epilog(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A mistyped command is answered with the nearest one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if not near:
                raise
            told = f"No such command `{args[0]}`. Did you mean `{near[0]}`?"
            raise click.UsageError(told, ctx) from error

    def invoke(self, ctx: click.Context) -> Any:
        """One line for what went wrong, and a code for scripts."""
        from heartline.client.errors import HeartlineError

        for stream in (sys.stdout, sys.stderr):
            # A name that this terminal has no letters for is no reason to tell nothing.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except HeartlineError as error:
            from heartline.cli import terminal
            from heartline.cli.exits import of_error

            terminal.say(f"Error: {error}", err=True)
            sys.exit(of_error(error))
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] in {"", "heartline"}:
                raise
            told = f"this needs the server's packages ({error.name} is missing)"
            click.echo(f"Error: {told}: pip install 'heartline[server]'", err=True)
            sys.exit(1)
        except UnicodeEncodeError:
            told = "what was typed is no text in UTF-8; is the locale? LC_ALL=C.UTF-8 is one"
            click.echo(f"Error: {told}", err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            sys.exit(130)
        except BrokenPipeError:
            # The reader has seen enough; silence the flush at exit as well.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command has its own --help with examples, and --json where it prints data.",
)
@click.version_option(package_name="heartline")
def main() -> None:
    """Heartline: experiment tracking whose run states are true and explained."""


if __name__ == "__main__":
    main()
