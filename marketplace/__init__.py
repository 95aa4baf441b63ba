"""A self-hosted marketplace that speaks the Mechanical Turk requester protocol (2017-01-17)."""
