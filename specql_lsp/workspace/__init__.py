"""The files of a workspace folder: documents, discovery, and the index of entities across them."""
