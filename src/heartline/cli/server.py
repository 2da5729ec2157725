"""`heartline server`: start a server on this machine. Never runs in the background by itself."""

import asyncio
import os
import sys
from pathlib import Path

import click

from heartline.client.credentials import DEFAULT_BASE_URL

KEEP_DELETED_DAYS_MAX = 36_500


@click.command()
@click.option("--host", default="127.0.0.1", envvar="HEARTLINE_SERVER_HOST", show_default=True,
              help="Address to listen on. Beyond loopback everyone must log in.")  # fmt: skip
@click.option("--port", default=8787, envvar="HEARTLINE_SERVER_PORT", show_default=True,
              type=click.IntRange(0, 65_535), metavar="PORT", help="Its port; 0: any that is free.")  # fmt: skip
@click.option("--data-dir", type=click.Path(path_type=Path), envvar="HEARTLINE_SERVER_DATA_DIR",
              help="Where runs are kept.  [default: ~/.local/share/heartline]")  # fmt: skip
@click.option("--database-url", default="", envvar="HEARTLINE_SERVER_DATABASE_URL",
              help="postgresql://… instead of the embedded SQLite.")  # fmt: skip
@click.option("--keep-deleted", type=click.IntRange(0, KEEP_DELETED_DAYS_MAX),
              default=7, envvar="HEARTLINE_SERVER_KEEP_DELETED", show_default=True,
              metavar="DAYS", help="For how long deleted runs can be brought back; 0: not at all, "
              "their space is freed at once.")  # fmt: skip
@click.option("--log-format", type=click.Choice(["console", "json"]), default="console",
              envvar="HEARTLINE_SERVER_LOG_FORMAT", show_default=True)  # fmt: skip
def server(
    host: str,
    port: int,
    data_dir: Path | None,
    database_url: str,
    keep_deleted: int,
    log_format: str,
) -> None:
    """Start a Heartline server.

    With nothing given it listens on this machine only, keeps everything in one SQLite file, and
    writes a key for your account to your configuration directory, so that `import heartline`
    works at once.
    """
    from heartline.server.log import configure
    from heartline.server.start import AddressInUse, serve
    from heartline.server.wiring import DataDirInUse, Settings, default_data_dir

    configure(log_format)
    data = (data_dir or default_data_dir()).resolve()
    settings = Settings(host, port, data, database_url, keep_deleted)

    def announce(settings: Settings, link: str) -> None:
        click.echo(f"Heartline is up at {settings.address}")
        click.echo(f"  data     {database_url.rsplit('@', maxsplit=1)[-1] or settings.data_dir}")
        if link:
            click.echo(f"  log in   {link}")
        elif not settings.loopback:
            click.echo("  log in   with a user's key: heartline admin user create NAME --admin "
                       f"--data-dir {settings.data_dir}")  # fmt: skip
        if settings.loopback and settings.address != DEFAULT_BASE_URL:
            click.echo(f"  use it   export HEARTLINE_BASE_URL={settings.address}")
        click.echo(f"  stop     Ctrl-C, or kill {os.getpid()}")
        sys.stdout.flush()

    try:
        asyncio.run(serve(settings, announce))
    except (AddressInUse, DataDirInUse) as error:
        raise click.ClickException(str(error)) from None
