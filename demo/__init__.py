"""The toy world of `make demo`: drawn scenes whose true content is known."""
