"""Question types, one folder each: what it asks, about which pictures, and what the report says.

`registry` names them all. docs/how-to/add-a-question-type.md tells how to add one.
"""
