"""What comes in: tables, class lists, labels, boxes and image files, read and checked."""
