"""
Browsers' media (WebRTC): ICE-lite, DTLS-SRTP, ICE-TCP. No sockets and no clock, but for `port`.

A browser's leg needs one :class:`~.peer.Peer` per peer connection, all of them in one
:class:`~.peers.Peers` for each UDP port; `description` reads offers and writes answers.
"""
