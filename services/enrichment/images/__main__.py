import sys

from services.enrichment.images.main import main

sys.exit(main())
