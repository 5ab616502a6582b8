"""RTP, prompts, digits and capture, in worker processes of their own, and the way to them."""
