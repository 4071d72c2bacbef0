"""What an editor shows: pure functions over an analysis and a document. No I/O, no protocol types, no clock."""
