"""Calls of other PBXs, recorded in this archive (SIPREC: RFC 7866, RFC 7865, RFC 7245)."""
