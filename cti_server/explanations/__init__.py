"""Why a contact waited and who was chosen for it: from its events, as data and in words."""
