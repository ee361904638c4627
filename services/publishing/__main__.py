import sys

from services.publishing.main import main

sys.exit(main())
