"""The command line: flags, files and exit codes. The only room that prints or exits."""
