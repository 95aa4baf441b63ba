"""What raters do to the records: taking a seat before a HIT, voting, leaving traces of time."""
