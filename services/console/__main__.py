import sys

from services.console.main import run

sys.exit(run())
