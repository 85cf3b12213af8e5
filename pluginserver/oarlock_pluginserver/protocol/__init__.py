"""What is said on a connection and how it is written in bytes. Pure: nothing in here does I/O."""
