#!/usr/bin/env python3
"""As mongosh, for the one script of the compose file: exit code 0 if the server answers a ping."""

import sys

from pymongo import MongoClient

EXPECTED = "quit(db.adminCommand('ping').ok ? 0 : 1)"

if sys.argv[1:] != ["--quiet", "--eval", EXPECTED]:
    sys.exit(f"only this script: {EXPECTED}")
answer = MongoClient("127.0.0.1", 27017, serverSelectionTimeoutMS=5000).admin.command("ping")
sys.exit(0 if answer["ok"] else 1)
