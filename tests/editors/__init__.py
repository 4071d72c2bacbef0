"""The clients of `editors/`, each in the real editor where one can be had."""
