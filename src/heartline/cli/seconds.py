"""The type of options that take a length of time. Never waits."""

import click

from heartline.wire.seconds import misfit


def seconds(said: float | str) -> float:
    """As a number, or the usage error that names what is wanted."""
    try:
        number = float(said)
    except ValueError:
        raise click.BadParameter(f"`{said}` is no number of seconds") from None
    if wrong := misfit(number):
        raise click.BadParameter(wrong)
    return number
