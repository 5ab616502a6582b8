"""``hotline demo``: a server on its embedded defaults, real calls through it, and what came out."""

import asyncio
import secrets
import shutil
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import click

from config.settings import SHIPPED
from cti_server.command_line import run

from .demo_outside import ACCOUNT, PIN, bank, write_information
from .demo_server import DemoServer, Desk, ServerFailed
from .demo_steps import KNOWN, STEPS, UNKNOWN, Demo
from .phone import phones

SERVING = ("--skill", "sales:5", "--skill", "support:5", "--skill", "english:4")
STAFF = {
    "li": ("--name", "李娜", "--number", "8026", "--skill", "sales:5", "--skill", "support:2"),
    "wang": ("--name", "Wang Lei", "--number", "8031", "--skill", "support:5", *SERVING[-2:]),
    "chen": ("--name", "陈静", "--number", "8035", "--phone", "browser", *SERVING),
    "zhao": (
        *("--name", "赵主管", "--number", "8001"),
        *("--role", "supervisor", "--phone", "browser"),
    ),
    "admin": ("--name", "管理员", "--number", "8000", "--role", "admin"),
}
"""Who is defined, by the command line's words; the start page names those whom one can be."""


@click.command()
@click.option("--once", is_flag=True, help="End by itself; exit code 0 only if every step worked.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="The demonstration's data; emptied at the start, but for the rendered prompts.",
)
def demo(once: bool, data: Path) -> None:
    """Start a server, put real calls through it, say what happened, keep serving until Ctrl-C."""
    try:
        failures = run(lambda: _demonstrate(data.resolve(), once=once))
    except ServerFailed as error:
        raise click.ClickException(str(error)) from error
    sys.exit(1 if failures else 0)


async def _demonstrate(data: Path, *, once: bool) -> int:
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    clear(data)
    password = secrets.token_urlsafe(9)
    server = DemoServer(SHIPPED / "demo" / "hotline.yaml", data, password)
    click.echo("Hotline demonstration: SQLite, in-process bus, local disk, loopback only.")
    await define(server, password)
    click.echo("Starting the server; the first time, every prompt is spoken once …")
    write_information(SHIPPED / "demo" / "information.sql", server.information)
    async with bank(server.bank_port):
        try:
            await server.start()
            failures = await _run_steps(server, password, asked)
            if not once and not asked.is_set():
                _say_where_to_look(server, password)
                await _until(asked, server)
        finally:
            code = await server.stop()
    click.echo(f"The server ended with code {code}.")
    return failures + (code != 0)


def clear(data: Path) -> None:
    """Begin afresh, but keep what was spoken."""
    if not data.exists():
        return
    for entry in data.iterdir():
        if entry.name == "prompts":
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


async def define(server: DemoServer, password: str) -> None:
    """Its people and its customers, before it starts."""
    for agent_id, words in STAFF.items():
        await server.command("agent", "add", agent_id, *words, password=password)
    done = await server.command("customer", "import", str(SHIPPED / "demo" / "customers.csv"))
    click.echo(f"Agents li, wang, chen (by browser), supervisor zhao, admin; customers: {done}.")


async def _run_steps(server: DemoServer, password: str, asked: asyncio.Event) -> int:
    async with AsyncExitStack() as open_now:
        desks = {
            agent_id: await open_now.enter_async_context(Desk.open(server.api, agent_id, password))
            for agent_id in ("li", "wang", "zhao")
        }
        registrar = f"sip:127.0.0.1:{server.sip_port}"
        agents = await open_now.enter_async_context(
            phones("li", "wang", registrar=registrar, passwords=password)
        )
        callers = await open_now.enter_async_context(phones(KNOWN, UNKNOWN))
        click.echo("The agents' phones are registered, their desktops logged in.")
        demo = Demo(server, password, desks, {phone.name: phone for phone in (*agents, *callers)})
        for title, work in STEPS:
            if asked.is_set():
                break
            await demo.step(title, work)
        for agent_id in ("li", "wang"):  # their phones go: whoever opens the page is next
            await desks[agent_id].set_state("logged_out")
        return demo.failures


def _say_where_to_look(server: DemoServer, password: str) -> None:
    click.echo(
        f"""
Still serving; Ctrl-C ends it.

  open         {server.api}/start
               It says what there is to try: log in as chen (an agent, calls come in the browser),
               zhao (supervisor) or admin, password {password};
               call any number below from the page itself, by microphone.
  or call in   any softphone on this machine: {server.uri("1000")}
               or: hotline call {server.uri("1000")} --press 1 --save heard.wav
  by machine   1010 products, 1011 flights (1305, 3182, 8899),
               1012 the balance of account {ACCOUNT}, PIN {PIN},
               1013 a fault of account 12345678, 1014 a complaint, 1015 an order (101, 201),
               1018 the price list (101) by fax
  softphones   register as li or wang at 127.0.0.1:{server.sip_port}, the same password
  the API      {server.api}/api/v1/openapi.json
  recordings   {server.data / "archive"} (sealed under {server.data / "archive.key"})
  figures      {server.api}/metrics
  settings     {server.config_file}
"""
    )


async def _until(asked: asyncio.Event, server: DemoServer) -> None:
    """Ctrl-C, or the server's own end."""
    waits = {asyncio.create_task(asked.wait()), asyncio.create_task(server.ended())}
    _, left = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
