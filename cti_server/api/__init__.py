"""REST and the desktops' stream. Read, call, answer; decides nothing itself."""
