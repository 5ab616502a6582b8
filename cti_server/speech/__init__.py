"""Everything a caller hears that is not a person: spoken text, studio recordings, tones, music."""
