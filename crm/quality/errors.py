"""What quality management refuses beside what all of the centre's records do."""

from crm.errors import CrmError


class NotYours(CrmError):
    """A step of a review that is somebody else's to take; the message says whose."""
