"""Where sealed recordings lie: a folder, or an S3-compatible store. All of it blocks."""
