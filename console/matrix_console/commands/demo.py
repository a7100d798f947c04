"""`matrix demo`: the whole story on a fleet inside one process."""

from __future__ import annotations

import sys
import time

import click

from matrix_console.frame import fail


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--keep", is_flag=True, help="Keep the fleet running until Ctrl-C, so that you can try commands.")
def command(keep: bool) -> None:
    """Show everything on an embedded fleet: twelve SSH servers in one process, each with a private root.

    It needs no root, no sshd and no other machine, and removes all its files. Its output comes from real work. Exit
    status 3 if a step has an unexpected result.
    """
    from matrix_common.terminal import Interrupted
    from matrix_console.demo.epilogue import keep_running
    from matrix_console.demo.narration import Narrator, StoryError
    from matrix_console.demo.stage import Stage, StageError
    from matrix_console.demo.story import Story, example_hosts

    begun = time.monotonic()
    tell = Narrator()
    try:
        with Stage(example_hosts()) as stage:
            tell.say(f"{len(stage.fleet.ports)} SSH servers on loopback, each with a root folder below {stage.folder}")
            story = Story(stage, tell)
            story.whole_story()
            tell.say(f"The whole story took {time.monotonic() - begun:.1f} s.")
            if keep:
                keep_running(story)
    except (StoryError, StageError) as error:
        fail(f"the demonstration failed: {error}", 3)
    except (Interrupted, KeyboardInterrupt):
        click.echo("\nended; nothing is left behind", err=True)
        sys.exit(130)
