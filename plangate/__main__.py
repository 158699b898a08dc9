"""`python -m plangate` is `plangate`."""

from plangate.cli import main

if __name__ == "__main__":
    main()
