"""`python -m pipeline` is the command `todoke`."""

from pipeline.cli import main

if __name__ == "__main__":
    main()
