"""What tests share: servers, builders, writers. Nothing here holds an assertion of its own."""
