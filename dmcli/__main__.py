"""`python -m dmcli`."""

from dmcli.cli.main import main

if __name__ == "__main__":
    main()
