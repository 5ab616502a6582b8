"""The simulator's commands, which ``hotline`` finds by their entry points."""

import asyncio
import sys
from pathlib import Path
from typing import Literal

import click
import uvloop

from .errors import LoadFailed, PlanInvalid
from .interrupt import interruptible
from .load.plan import LoadPlan
from .logs import quiet


@click.command()
@click.argument("uri")
@click.option("--press", "steps", help="Keys and waits after the answer: 1,wait2,30#")
@click.option("--info", is_flag=True, help="Send the keys by SIP INFO, not as RTP events.")
@click.option(
    "--for",
    "lasts",
    type=click.FloatRange(0.1, 3600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to stay in the call.",
)
@click.option(
    "--ring-for",
    type=click.FloatRange(0.1, 3600),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for an answer.",
)
@click.option("--tone", type=click.FloatRange(20, 3900), metavar="HZ", help="Send this tone.")
@click.option(
    "--play",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="WAV",
    help="Send this sound, once.",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="WAV",
    help="Keep what was heard: 16 bits, 8 kHz.",
)
@click.option("--from", "caller", default="hotline-call", show_default=True, metavar="NUMBER")
@click.option("--user", help="Where the server asks for a password.")
@click.option("--password", envvar="HOTLINE_PASSWORD", help="Its password.")  # fmt: skip
def call(
    uri: str,
    steps: str | None,
    info: bool,
    lasts: float,
    ring_for: float,
    tone: float | None,
    play: Path | None,
    save: Path | None,
    caller: str,
    user: str | None,
    password: str | None,
) -> None:
    """
    Place a real test call and tell what happens.

    URI is a number on this machine (1000) or any SIP URI. The exit code is 0 if the call was
    answered and RTP came.
    """
    from . import audio
    from .trial_call import TrialCall, make, read_steps, read_target

    if tone is not None and play is not None:
        raise click.UsageError("either --tone or --play")
    if (user is None) != (password is None):
        raise click.UsageError("--user and --password go together")
    if save is not None and not save.parent.is_dir():
        raise click.UsageError(f"--save: there is no folder {save.parent}")
    try:
        sound = audio.tone(tone) if tone is not None else None
        if play is not None:
            sound = audio.played(audio.read_wav(play))
        plan = TrialCall(
            target=read_target(uri),
            caller=caller,
            steps=() if steps is None else read_steps(steps),
            keys_by_info=info,
            lasts=lasts,
            rings_for=ring_for,
            sound=sound,
            save=save,
            credentials=(user, password) if user and password else None,
        )
    except (PlanInvalid, audio.SoundUnreadable) as error:
        raise click.UsageError(str(error)) from error
    quiet()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(make(plan, click.echo)))


@click.command()
@click.option("--target", default="sip:1000@127.0.0.1:5060", show_default=True, metavar="URI")
@click.option(
    "--agents-at",
    multiple=True,
    default=["127.0.0.1:5080"],
    show_default=True,
    metavar="HOST:PORT",
    help="Where the server calls its agents; a process each.",
)
@click.option("--calls", type=int, help="How many calls at most.")
@click.option("--duration", type=float, metavar="SECONDS", help="How long calls arrive at most.")
@click.option("--rate", type=float, default=1.0, show_default=True, help="Calls a second.")
@click.option(
    "--arrivals", type=click.Choice(["even", "poisson"]), default="even", show_default=True
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the arrivals.")
@click.option("--concurrent", type=int, default=200, show_default=True, help="Calls at once.")
@click.option(
    "--hold",
    type=float,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="From the agent's answer until the agent hangs up.",
)
@click.option("--answer-after", type=float, default=0.0, show_default=True, metavar="SECONDS")
@click.option(
    "--patience",
    type=float,
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a caller waits for an agent.",
)
@click.option("--digit", help="A key that the caller presses.")
@click.option("--digit-after", type=float, default=0.2, show_default=True, metavar="SECONDS")
@click.option("--digit-by", type=click.Choice(["rtp", "info"]), default="rtp", show_default=True)
@click.option("--rtp/--no-rtp", default=True, show_default=True)
@click.option("--caller-processes", type=int, default=1, show_default=True)
@click.option("--rtp-processes", type=int, default=1, show_default=True)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, writable=True, path_type=Path),
              help="Write the report there as JSON.")  # fmt: skip
def load(
    target: str,
    agents_at: tuple[str, ...],
    calls: int | None,
    duration: float | None,
    rate: float,
    arrivals: Literal["even", "poisson"],
    seed: int,
    concurrent: int,
    hold: float,
    answer_after: float,
    patience: float,
    digit: str | None,
    digit_after: float,
    digit_by: Literal["rtp", "info"],
    rtp: bool,
    caller_processes: int,
    rtp_processes: int,
    json_file: Path | None,
) -> None:
    """
    Put callers and agents with RTP on a running server, and measure. Loopback only.

    The exit code is 0 if every call went as planned, 1 if one did not, 3 if the generator itself
    was too slow to be believed.
    """
    plan = LoadPlan(
        target=target,
        agents_at=tuple(_address(each) for each in agents_at),
        calls=calls,
        duration=duration,
        rate=rate,
        arrivals=arrivals,
        seed=seed,
        concurrent=concurrent,
        hold=hold,
        answer_after=answer_after,
        patience=patience,
        digit=digit,
        digit_after=digit_after,
        digit_by=digit_by,
        rtp=rtp,
        caller_processes=caller_processes,
        rtp_processes=rtp_processes,
    )
    try:
        plan.check()
    except PlanInvalid as error:
        raise click.UsageError(str(error)) from error
    sys.exit(_run(plan, json_file))


def _run(plan: LoadPlan, json_file: Path | None) -> int:
    from .load.run import LoadRun, RunProgress

    def shown(now: RunProgress) -> bool:
        if sys.stderr.isatty():
            click.echo(
                f"\r{now.started} calls, {now.agents_talking} talking, {now.over} over ",
                nl=False,
                err=True,
            )
        return interrupt.asked

    try:
        with interruptible() as interrupt, LoadRun(plan) as run:
            if not run.all_over(shown):
                run.stop()
            report = run.finish()
    except LoadFailed as error:
        raise click.ClickException(str(error)) from error
    if json_file is not None:
        json_file.write_text(report.to_json() + "\n", encoding="utf-8")
    click.echo(report.to_table())
    if not report.valid:
        return 3
    return 1 if report.failures else 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise click.UsageError(f"--agents-at {text}: an address and a port, as 127.0.0.1:5080")
    return host, int(port)
