"""The options that several commands share."""

from typing import Annotated, TypeAlias

import typer

EnvironmentKey: TypeAlias = Annotated[
    str | None,
    typer.Option("--environment", "-e", metavar="KEY", help="The environment to act in; needed outside the demo."),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]
Port: TypeAlias = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Listen here instead; 0 takes a free port.")
]
