"""The API for scripts and notebooks: JSON under /api/v1, told by docs/reference/openapi.yaml."""
