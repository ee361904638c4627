import sys

from services.console.web.main import main

sys.exit(main())
