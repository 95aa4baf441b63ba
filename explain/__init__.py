"""Classifiers, predictions and explanations as arrays: images and paths in, frozen results out."""

from __future__ import annotations
