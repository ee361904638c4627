import sys

from services.console.cli.main import run

sys.exit(run())
