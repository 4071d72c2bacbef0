"""What a name means: ``classify`` says what is under the cursor, ``resolve`` which definition a name has. No I/O."""
