"""The tables of SpecQL's language: pure data, one module for each kind of file or construct."""
