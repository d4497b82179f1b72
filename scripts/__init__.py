"""Set-up, start and checks of the project; standard library only until the virtual environment exists."""
