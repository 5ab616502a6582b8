"""
The load generator: callers and agents with RTP against a running server, measuring themselves.

Signalling processes (``callers``, ``agents``) decide; RTP processes (``streams``) send and hear;
``run`` starts them and joins what they saw to one :class:`~simulator.load.report.Report`.
"""
