"""What Hypothesis makes SIP values from."""

import string

from hypothesis import strategies as st

from cti_server.sip.headers import MAGIC_COOKIE, CSeq, Via
from cti_server.sip.message import Headers, Request, Response
from cti_server.sip.sdp import MediaDescription, Origin, Sdp
from cti_server.sip.uri import NameAddr, Uri

TOKEN = string.ascii_letters + string.digits + "-.!%*_+`'~"
LOWER_TOKEN = string.ascii_lowercase + string.digits + "-.!%*_+`'~"

tokens = st.text(TOKEN, min_size=1, max_size=12)
names = st.text(LOWER_TOKEN, min_size=1, max_size=12)
hosts = st.one_of(
    st.from_regex(r"[a-z][a-z0-9\-]{0,8}(\.[a-z0-9]{1,5}){0,3}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
)
ports = st.none() | st.integers(0, 65535)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
one_line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20)

uri_params = st.lists(
    st.tuples(any_text.filter(bool).map(lambda name: name.lower().lower()), st.none() | any_text),
    max_size=4,
).map(tuple)
header_params = st.lists(
    st.tuples(names.filter(lambda name: name != "tag"), st.none() | tokens), max_size=4
).map(tuple)

sip_uris = st.builds(
    Uri,
    st.sampled_from(["sip", "sips"]),
    user=st.none(),
    host=hosts,
    port=ports,
    params=uri_params,
    headers=st.lists(st.tuples(any_text, any_text), max_size=3).map(tuple),
) | st.builds(
    Uri,
    st.sampled_from(["sip", "sips"]),
    user=any_text.filter(bool),
    password=st.none() | any_text,
    host=hosts,
    port=ports,
    params=uri_params,
)
other_uris = st.builds(
    Uri,
    st.sampled_from(["tel", "urn", "isbn"]),
    opaque=st.text(string.ascii_letters + string.digits + "+-.;=:/", min_size=1, max_size=20),
)
uris = sip_uris | other_uris

name_addrs = st.builds(NameAddr, uris, st.none() | one_line, header_params)
tagged = st.builds(
    lambda address, tag: address.with_param("tag", tag), name_addrs, st.text(TOKEN, min_size=1)
)
vias = st.builds(
    Via,
    st.sampled_from(["UDP", "TCP", "TLS", "WS", "SCTP"]),
    hosts,
    ports,
    st.builds(
        lambda params, branch: (("branch", MAGIC_COOKIE + branch), *params), header_params, tokens
    ),
)
methods = st.sampled_from(["INVITE", "ACK", "BYE", "OPTIONS", "REGISTER"]) | tokens
values = one_line.map(lambda text: text.strip(" \t"))


@st.composite
def headers(draw: st.DrawFn, method: str) -> Headers:
    fields = [("Via", str(via)) for via in draw(st.lists(vias, min_size=1, max_size=3))]
    fields += [
        ("From", str(draw(tagged))),
        ("To", str(draw(name_addrs | tagged))),
        ("Call-ID", draw(tokens)),
        ("CSeq", str(CSeq(draw(st.integers(0, 2**31 - 1)), method))),
    ]
    fields += [(f"X-{draw(tokens)}", value) for value in draw(st.lists(values, max_size=3))]
    return Headers(draw(st.permutations(fields)))


@st.composite
def requests(draw: st.DrawFn) -> Request:
    method = draw(methods)
    return Request(method, str(draw(uris)), draw(headers(method)), draw(st.binary(max_size=200)))


@st.composite
def responses(draw: st.DrawFn) -> Response:
    head = draw(headers(draw(methods)))
    return Response(draw(st.integers(100, 699)), draw(one_line), head, draw(st.binary(max_size=99)))


messages = requests() | responses()

_words = st.text(string.ascii_letters + string.digits + "-_./", min_size=1, max_size=10)
_attributes = st.lists(
    st.tuples(
        st.text(string.ascii_letters + "-", min_size=1, max_size=10),
        st.none() | st.text(string.ascii_letters + string.digits + " /=;:", max_size=20),
    ).map(lambda pair: (pair[0], None if pair[1] is None else pair[1].strip())),
    max_size=5,
).map(tuple)
_addresses = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str)
_lines = st.lists(
    st.builds(lambda kind, value: f"{kind}={value}", st.sampled_from("biktrz"), _words), max_size=3
).map(tuple)
media = st.builds(
    MediaDescription,
    st.sampled_from(["audio", "video", "image", "application"]),
    st.integers(0, 65535),
    st.sampled_from(["RTP/AVP", "RTP/SAVP", "udptl", "UDP/TLS/RTP/SAVPF"]),
    st.lists(st.integers(0, 127).map(str), min_size=1, max_size=5).map(tuple),
    st.none() | _addresses,
    _attributes,
    _lines,
)
descriptions = st.builds(
    Sdp,
    st.builds(Origin, _words, _words, _words, _addresses),
    st.none() | _addresses,
    _attributes,
    st.lists(media, max_size=4).map(tuple),
    _words,
    _lines,
)
