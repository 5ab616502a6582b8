"""The agents' page in Chromium: what the agent hears and the caller hears."""

import pytest
from playwright.async_api import Browser

from simulator.audio import tone
from simulator.phone import Phones
from simulator.phone_call import PhoneCall
from tests.audio import seconds_of, stereo
from tests.e2e.centre import Centre
from tests.e2e.people import Agent, Caller
from tests.e2e.talking import hears_music, speak

from .chromium import ChromiumTab, person
from .seat import BOSS, CALLER, COLLEAGUE, CUSTOMER, LAW, LI, WANG, ChromiumSeat, seated
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

CUSTOMERS_NUMBER = "+8613800138000"
END_SESSION = """fetch("/api/v1/sessions/current", {
    method: "DELETE", headers: {Authorization: `Bearer ${sessionStorage["hotline.session"]}`}})"""


async def test_agent_and_caller_hear_one_another_and_the_figures_are_clean(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.call()
        assert await li.tab.page.text_content("#caller") == caller.number

        await li.tab.press("answer")
        await li.tab.talks()
        await caller.call.hears(MICROPHONE)
        await li.tab.hears(CALLER)

        found = await li.tab.reported()
        assert (found["lost"], found["remoteLost"]) == (0, 0)
        assert found["jitter"] < 0.2  # s; of a machine that others use, too
        assert found["roundTrip"] < 0.2
        assert found["received"] > 100
        assert found["srtp"] == "SRTP_AEAD_AES_128_GCM"

        await li.tab.press("hang-up")
        await caller.call.ended()
        assert await caller.over() == ("handled", "agent-hung-up")


@pytest.mark.req("AG-01")
async def test_the_page_answers_sends_keys_holds_mutes_consults_confers_and_transfers(
    hotline: Centre, browser: Browser
) -> None:
    async with (
        hotline.on_duty("wang", on_ring=speak(COLLEAGUE)) as (wang,),
        seated(hotline, browser) as li,
    ):
        await wang.desk.set_state("not_ready")
        caller = await li.talk()
        description = "desk.softphone.peer(desk.call.id).remoteDescription.sdp"
        agreed = await li.tab.page.evaluate(description)

        await keys_pass_from_the_page_and_the_browser(li, caller)
        await hold_and_mute(li, caller)
        await wang.desk.set_state("ready")
        await consult_and_confer(li, caller, await wang_asked(li, wang))
        await li.tab.hears(CALLER)
        assert await li.tab.page.evaluate(description) == agreed  # nothing was negotiated again

        await li.tab.page.select_option("#transfer-kind", "queue")
        await li.tab.page.select_option("#target-list", "service")
        await li.tab.press("blind")
        await li.tab.when("desk.call === null")
        await caller.call.hears(COLLEAGUE)


async def keys_pass_from_the_page_and_the_browser(li: ChromiumSeat, caller: Caller) -> None:
    await li.tab.page.click("#keypad-box summary")
    for key in "15#":
        await li.tab.page.click(f"#keypad button:text-is('{key}')")
    await caller.call.hears_digits("15#")
    await li.tab.page.evaluate(
        """() => desk.softphone.peer(desk.call.id).getSenders()[0]
            .dtmf.insertDTMF("28*", 120, 70)"""
    )
    await caller.call.hears_digits("28*")
    await caller.call.press("3")
    await li.tab.hears(CALLER)


async def hold_and_mute(li: ChromiumSeat, caller: Caller) -> None:
    await li.tab.press("hold")
    await li.tab.when("desk.call.talk?.state === 'on_hold'")
    await li.tab.hears_nothing()
    await hears_music(caller.call)
    await li.tab.press("hold")
    await caller.call.hears(MICROPHONE)
    await li.tab.hears(CALLER)
    await li.tab.press("mute")
    await caller.call.hears_silence()
    await li.tab.press("mute")
    await caller.call.hears(MICROPHONE)


async def wang_asked(li: ChromiumSeat, wang: Agent) -> PhoneCall:
    """Li consults wang; the call at wang's phone."""
    await li.tab.page.click("#transfer-box summary")
    await li.tab.page.select_option("#transfer-kind", "agent")
    await li.tab.page.select_option("#target-list", "wang")
    await li.tab.press("consult")
    return await wang.rung()


async def consult_and_confer(li: ChromiumSeat, caller: Caller, at_wang: PhoneCall) -> None:
    """And wang leaves again."""
    await li.tab.hears(COLLEAGUE)
    await at_wang.hears(MICROPHONE)
    await hears_music(caller.call)
    await li.tab.press("swap")
    await li.tab.hears(CALLER)
    await li.tab.press("conference")
    await at_wang.hears(CALLER)
    at_wang.hang_up()


async def test_a_reload_in_a_call_brings_the_audio_back_by_itself(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.talk()

        await li.tab.page.reload()
        await li.tab.talks()

        await caller.call.hears(MICROPHONE)
        await li.tab.hears(CALLER)
        assert caller.call.end is None


async def test_a_page_that_is_closed_in_a_call_keeps_the_caller_for_the_one_that_takes_over(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.talk()

        await li.tab.page.close()
        li.tab = ChromiumTab(await li.context.new_page())
        await li.tab.open(li.port)
        await li.tab.type_in(LI.id)
        await li.tab.when("desk.agent?.unfit[0] === 'audio-not-taken'")
        await hears_music(caller.call)
        await li.tab.press("take-audio")

        await caller.call.hears(MICROPHONE)
        await li.tab.hears(CALLER)


async def test_a_session_that_ends_in_a_call_takes_no_audio_with_it(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.talk()

        await li.tab.page.evaluate(END_SESSION)
        await li.tab.page.wait_for_selector("#log-in:visible")
        assert "log in again" in str(await li.tab.page.text_content("#alert"))
        await li.tab.hears(CALLER)
        await li.tab.log_in(LI.id)

        await li.tab.talks()
        await caller.call.hears(MICROPHONE)
        await li.tab.hears(CALLER)


async def test_who_logs_out_is_not_listened_to_any_more(hotline: Centre, browser: Browser) -> None:
    async with seated(hotline, browser) as li:
        await li.tab.page.evaluate("globalThis.heard = desk.microphone.track")
        await li.tab.press("log-out")
        await li.tab.page.wait_for_selector("#log-in:visible")
        await li.tab.when("heard.readyState === 'ended' && desk.microphone.state === 'unasked'")

        await li.tab.log_in(LI.id)
        await li.tab.press("ready")
        await li.tab.when("desk.agent.state === 'ready'")
        await li.talk()


async def test_a_second_tab_has_the_audio_only_when_it_is_taken(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.talk()
        second = await li.another_tab()
        await second.when("desk.audio === 'elsewhere' && desk.call?.state === 'talking'")
        assert await li.tab.page.evaluate("desk.link") == "up"
        await li.tab.hears(CALLER)
        assert await second.heard() is None

        await second.press("take-audio")
        await li.tab.when("desk.audio === 'elsewhere'")

        await second.hears(CALLER)
        await caller.call.hears(MICROPHONE)
        assert await li.tab.heard() is None


async def test_a_click_calls_a_customer_and_the_page_picks_up_by_itself(
    hotline: Centre, browser: Browser, company: Phones
) -> None:
    company.add(CUSTOMERS_NUMBER).on_ring = speak(CUSTOMER)
    async with seated(hotline, browser) as li:
        await li.tab.page.select_option("#dial-queue", "service")
        await li.tab.page.fill("#dial-number", CUSTOMERS_NUMBER)
        await li.tab.page.press("#dial-number", "Enter")

        await li.tab.talks()
        await li.tab.hears(CUSTOMER)
        await li.tab.press("hang-up")


async def test_the_page_of_an_agent_with_a_headset_picks_up_by_itself(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        caller = hotline.caller()
        call = await caller.dial("2001")
        call.say(tone(CALLER))

        await li.tab.talks()
        await li.tab.hears(CALLER)
        await call.hears(MICROPHONE)


async def test_a_text_is_read_out_from_the_page_and_stopped_from_another_one(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.talk()
        await li.tab.page.click("#read-out-box summary")
        await li.tab.page.fill("#read-out-text", "Your balance is nine hundred dollars. " * 9)
        await li.tab.press("start-read-out")
        started = await caller.happens("read_out.started", agent_id="li")
        await li.tab.page.wait_for_selector("#stop-read-out:visible")
        assert await li.tab.page.is_disabled("#start-read-out")

        second = await li.another_tab()  # was not there when it began
        await second.when("desk.call?.state === 'talking'")
        await second.page.click("#read-out-box summary")
        await second.page.fill("#read-out-text", "Something else.")
        await second.press("start-read-out")
        await second.page.wait_for_selector("#alert-box:visible")
        assert "another text is being read out" in await second.text("#alert")
        await second.press("language")
        assert "正在朗读另一段文字" in await second.text("#alert")
        await second.press("stop-read-out")
        ended = await caller.happens("read_out.ended")
        await li.tab.page.wait_for_selector("#stop-read-out", state="hidden")

    assert ended.data["outcome"] == "stopped"
    assert ended.data["read_out_id"] == started.data["read_out_id"]


@pytest.mark.req("AG-09")
async def test_rows_of_a_query_are_read_to_the_caller_by_a_button_and_the_agent_may_leave(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser) as li:
        caller = await li.talk()
        page = li.tab.page
        await caller.happens("interaction.started")
        await page.click("#read-out-box summary")
        await page.wait_for_selector("#look-up:visible")
        await page.select_option("#query", "calls_from_number")
        await page.click("#look-up button")
        await page.wait_for_selector("#rows tbody tr")
        await page.uncheck("#side-tone")
        await li.tab.press("start-read-rows")
        alone = await caller.happens("read_out.started", side_tone=False)
        await page.wait_for_selector("#stop-read-out:visible")
        await li.tab.hears(CALLER)  # and nothing over it
        ended = await caller.happens("read_out.ended", read_out_id=alone.data["read_out_id"])
        assert ended.data["outcome"] == "finished"

        await page.check("#side-tone")
        await page.wait_for_selector("#read-rows-and-leave:enabled")
        await li.tab.press("read-rows-and-leave")
        read = await caller.happens("read_out.started", side_tone=True)
        await li.tab.when("desk.call === null")
        await caller.hears_something()  # the agent's own tone is gone
        ended = await caller.happens("read_out.ended", read_out_id=read.data["read_out_id"])
        assert await caller.over() == ("handled", "agent-hung-up")

    assert (read.data["query"], read.data["rows"]) == ("calls_from_number", 1)
    assert ended.data["outcome"] == "finished"


async def test_who_has_a_telephone_on_the_desk_controls_it_from_the_page(
    hotline: Centre, browser: Browser
) -> None:
    async with (
        hotline.on_duty("wang", on_ring=speak(COLLEAGUE)),
        person(browser) as context,
    ):
        tab = ChromiumTab(await context.new_page())
        await tab.open(int(hotline.server.config["api"]["port"]))
        await tab.log_in(WANG.id)
        assert "desk phone" in str(await tab.page.text_content("#no-browser-phone"))
        caller = hotline.caller()
        await caller.dial("2000")
        await tab.when("desk.call?.state === 'talking'")
        assert await tab.page.text_content("#caller") == caller.number
        await caller.call.hears(COLLEAGUE)

        await tab.press("hold")
        await hears_music(caller.call)
        await tab.when("desk.call.talk?.state === 'on_hold'")
        await tab.press("hold")
        await caller.call.hears(COLLEAGUE)
        await tab.press("hang-up")

        assert await caller.over() == ("handled", "agent-hung-up")


@pytest.mark.req("RC-04")
async def test_a_supervisor_hears_a_running_call_in_the_browser_and_the_trail_has_it(
    hotline: Centre, browser: Browser
) -> None:
    """While it is recorded, of which nobody notices anything."""
    async with (
        hotline.on_duty("wang", on_ring=speak(COLLEAGUE)) as (wang,),
        person(browser) as context,
    ):
        tab = ChromiumTab(await context.new_page())
        await tab.open(int(hotline.server.config["api"]["port"]))
        await tab.log_in(BOSS.id)
        caller = hotline.caller()
        call = await caller.dial("2000")
        at_wang = await wang.rung()
        await caller.happens("interaction.started")
        await caller.happens("recording.started")

        await tab.page.evaluate(
            """(contact) => desk.stream.ask({
                type: "listen", contact_id: contact, agent_id: "wang", mode: "monitor"})""",
            caller.contact_id,
        )
        await tab.when("desk.call?.state === 'ringing'")
        await tab.press("answer")
        await tab.talks()

        await tab.hears(COLLEAGUE)
        at_wang.say(None)
        call.say(tone(CALLER))
        await tab.hears(CALLER)
        await call.hears_silence()
        await tab.press("hang-up")
        listened = await caller.happens("listen.ended", supervisor_id=BOSS.id)
        call.hang_up()
        await caller.over()
        await caller.happens("recording.stored")
        [recording] = (await hotline.history(caller.contact_id))["recordings"]
        customer, agent = stereo(await hotline.chief.get_bytes(recording["audio"]))
        trail = await hotline.agents[LAW.id].desk.when(
            f"/api/v1/audit?actor={BOSS.id}&record=contact&record_id={caller.contact_id}",
            lambda page: "listen_ended" in {one["action"] for one in page["items"]},
        )

    assert seconds_of(customer, CALLER) > 0.3
    assert seconds_of(agent, COLLEAGUE) > 0.3
    ended, started = (one for one in trail["items"] if one["action"].startswith("listen_"))
    assert (started["action"], started["details"]["listened_to"]) == ("listen_started", "wang")
    assert ended["details"]["seconds"] == listened.data["seconds"]
