"""The channel map: the legs of all running calls, for supervisors who watch them."""
