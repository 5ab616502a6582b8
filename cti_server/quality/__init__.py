"""Quality management: sampling, reviews and calibrations carried out on what is stored."""
