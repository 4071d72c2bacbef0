"""What commands find out as text for a terminal: sentences and tables. Pure: the JSON of an answer in, text out."""
