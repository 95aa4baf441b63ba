"""The wire: routing, shapes and signatures of the requester protocol, JSON 1.1."""
