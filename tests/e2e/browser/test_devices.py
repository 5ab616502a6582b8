"""Which microphone and which speaker: chosen on the page, remembered by the browser."""

import pytest
from playwright.async_api import Browser

from tests.e2e.centre import Centre

from .chromium import ChromiumTab
from .seat import CALLER, seated
from .tab import MICROPHONE

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.interop]

SECOND_VOICE = 1300  # Hz
SECOND = "Fake Audio Input 2"
TOLD_APART = """
const listen = navigator.mediaDevices.getUserMedia;
const enumerate = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
globalThis.unplugged = "";
const second = async () => (await enumerate()).find(({label}) => label === "Fake Audio Input 2");
navigator.mediaDevices.enumerateDevices = async () =>
    (await enumerate()).filter(({label}) => label !== unplugged);
navigator.mediaDevices.getUserMedia = async (wanted) => {
    const device = await second();
    const isSecond = device?.deviceId && wanted.audio.deviceId?.exact === device.deviceId;
    if (isSecond && unplugged) throw new OverconstrainedError("deviceId");
    const stream = await listen(wanted);
    if (!isSecond) return stream;
    const context = new AudioContext();
    const voice = new OscillatorNode(context, {frequency: 1300});
    const out = context.createMediaStreamDestination();
    voice.connect(out);
    voice.start();
    return globalThis.secondsVoice = out.stream;
};
"""
"""Chromium's pretended microphones sound all the same: the second one gets a voice, and a plug."""

UNPLUG = """async () => {
    unplugged = "Fake Audio Input 2";
    const track = secondsVoice.getAudioTracks()[0];
    track.stop();
    track.dispatchEvent(new Event("ended"));
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
}"""
PLUG_IN = """async () => {
    unplugged = "";
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
}"""
DESCRIPTION = "desk.softphone.peer(desk.call.id).remoteDescription.sdp"
SINK = """async () => {
    const {sinkId} = document.getElementById("voice");
    return (await navigator.mediaDevices.enumerateDevices()).find(
        ({deviceId, kind}) => kind === "audiooutput" && deviceId === sinkId)?.label ?? "";
}"""


async def options(tab: ChromiumTab, select: str) -> list[str]:
    found: list[str] = await tab.page.locator(f"#{select} option").all_text_contents()
    return found


async def chosen(tab: ChromiumTab, select: str) -> str:
    return str(await tab.page.locator(f"#{select} option:checked").text_content())


async def test_another_microphone_is_chosen_in_a_call_unplugged_and_plugged_in_again(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser, TOLD_APART) as li:
        caller = await li.talk()
        agreed = await li.tab.page.evaluate(DESCRIPTION)
        await li.tab.page.click("#phone-details summary")
        assert await options(li.tab, "microphones") == [
            "As the system has it", "Fake Audio Input 1", SECOND,
        ]  # fmt: skip

        await li.tab.page.select_option("#microphones", label=SECOND)
        await caller.call.hears(SECOND_VOICE)
        await li.tab.page.evaluate(UNPLUG)
        await caller.call.hears(MICROPHONE)
        assert await chosen(li.tab, "microphones") == "As the system has it"
        assert SECOND not in await options(li.tab, "microphones")
        await li.tab.page.evaluate(PLUG_IN)
        await caller.call.hears(SECOND_VOICE)

        assert await chosen(li.tab, "microphones") == SECOND
        assert await li.tab.page.evaluate("desk.microphone.state") == "live"
        assert await li.tab.page.evaluate(DESCRIPTION) == agreed  # nothing was negotiated again
        await li.tab.hears(CALLER)


async def test_the_speaker_follows_the_choice_and_the_browser_remembers_both(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser, TOLD_APART) as li:
        await li.tab.page.click("#phone-details summary")
        await li.tab.page.select_option("#speakers", label="Fake Audio Output 2")
        await li.tab.page.select_option("#microphones", label=SECOND)
        caller = await li.call()
        await li.tab.press("answer")
        await li.tab.talks()
        await caller.call.hears(SECOND_VOICE)
        assert await li.tab.page.evaluate(SINK) == "Fake Audio Output 2"

        await li.tab.page.reload()
        await li.tab.talks()

        await caller.call.hears(SECOND_VOICE)
        await li.tab.hears(CALLER)
        assert await li.tab.page.evaluate(SINK) == "Fake Audio Output 2"
        assert await chosen(li.tab, "speakers") == "Fake Audio Output 2"

        await li.tab.page.click("#phone-details summary")
        await li.tab.page.select_option("#speakers", "")
        await li.tab.page.select_option("#microphones", "")
        await caller.call.hears(MICROPHONE)
        assert await li.tab.page.evaluate("document.getElementById('voice').sinkId") == ""


async def test_a_microphone_that_another_program_has_is_told_and_the_old_one_stays(
    hotline: Centre, browser: Browser
) -> None:
    async with seated(hotline, browser, TOLD_APART) as li:
        caller = await li.talk()
        await li.tab.page.evaluate(
            """() => navigator.mediaDevices.getUserMedia = async () => {
                throw new DOMException("in use", "NotReadableError");
            }"""
        )
        await li.tab.page.click("#phone-details summary")
        await li.tab.page.select_option("#microphones", label=SECOND)

        await li.tab.page.wait_for_selector("#alert-box:visible")
        assert "another program" in str(await li.tab.page.text_content("#alert"))
        assert await chosen(li.tab, "microphones") == "As the system has it"
        assert await li.tab.page.evaluate("desk.microphone.state") == "live"
        await caller.call.hears(MICROPHONE)
